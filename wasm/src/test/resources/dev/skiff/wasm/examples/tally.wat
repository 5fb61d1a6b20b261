;; The guest of EmbeddingExample. After a change: wasm-as -g tally.wat -o tally.wasm (Binaryen), and run its test.
(module $tally
  (import "host" "log" (func $log (param $address i32) (param $length i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "ahoy from the guest")
  (global $count (mut i32) (i32.const 0))

  (func (export "add") (param $a i32) (param $b i32) (result i32)
    (i32.add (local.get $a) (local.get $b)))

  (func (export "greet")
    (call $log (i32.const 16) (i32.const 19)))

  ;; One more than at the call before.
  (func (export "count") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (global.get $count))

  (func (export "average") (param $sum i32) (param $count i32) (result i32)
    (call $divide (local.get $sum) (local.get $count)))

  (func $divide (param $a i32) (param $b i32) (result i32)
    (i32.div_s (local.get $a) (local.get $b)))

  ;; Asks for more pages; the size before, or -1.
  (func (export "grow") (param $pages i32) (result i32)
    (memory.grow (local.get $pages)))

  (func $spin (export "spin")
    (loop $again
      (br $again))))
