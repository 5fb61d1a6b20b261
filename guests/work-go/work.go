// A second or so of the work that Go services do: text, maps, sorting, JSON, hashing, compression, regular
// expressions and goroutines. Prints one checksum per part; the size is the argument (default 20).
package main

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

type random uint32

func (r *random) next() uint32 {
	*r = *r*1664525 + 1013904223
	return uint32(*r >> 8)
}

type voyage struct {
	Boat    string   `json:"boat"`
	Crew    int      `json:"crew"`
	Knots   float64  `json:"knots"`
	Harbour []string `json:"harbours"`
}

var names = strings.Fields("Gull Heron Petrel Tern Plover Dunlin Curlew Avocet Whimbrel Godwit Sandpiper Turnstone")

// logbook writes lines such as "1021 Heron left Harbour-17 at 6.25 knots".
func logbook(lines int) string {
	r := random(1)
	var out strings.Builder
	for i := range lines {
		fmt.Fprintf(&out, "%d %s left Harbour-%d at %.2f knots\n", 1000+i, names[r.next()%12], r.next()%40, float64(r.next()%900)/100)
	}
	return out.String()
}

func digest(text string) uint64 {
	h := fnv.New64a()
	io.WriteString(h, text)
	return h.Sum64()
}

func countWords(text string) uint64 {
	counts := map[string]int{}
	for _, word := range strings.Fields(text) {
		counts[strings.ToLower(word)]++
	}
	words := make([]string, 0, len(counts))
	for word := range counts {
		words = append(words, word)
	}
	sort.Slice(words, func(i, j int) bool {
		if counts[words[i]] != counts[words[j]] {
			return counts[words[i]] > counts[words[j]]
		}
		return words[i] < words[j]
	})
	return digest(strings.Join(words, " "))
}

func roundTrip(voyages int) uint64 {
	r := random(2)
	fleet := make([]voyage, voyages)
	for i := range fleet {
		fleet[i] = voyage{names[r.next()%12] + " " + strconv.Itoa(i), int(r.next() % 30), float64(r.next()%1000) / 8, names[:r.next()%4]}
	}
	encoded, err := json.Marshal(fleet)
	if err != nil {
		panic(err)
	}
	var decoded []voyage
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		panic(err)
	}
	crew := 0
	for _, v := range decoded {
		crew += v.Crew * len(v.Harbour)
	}
	return digest(string(encoded)) + uint64(crew)
}

func squeeze(text string) int {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.DefaultCompression)
	if err != nil {
		panic(err)
	}
	io.WriteString(w, text)
	w.Close()
	size := packed.Len()
	back, err := io.ReadAll(flate.NewReader(&packed))
	if err != nil || string(back) != text {
		panic("what came back differs")
	}
	return size
}

func match(text string) int {
	fast := regexp.MustCompile(`(\d+) (\w+) left (Harbour-\d*7) at ([6-8])\.(\d+) knots`)
	found := 0
	for _, m := range fast.FindAllStringSubmatch(text, -1) {
		found += len(m[2]) + len(m[3])
	}
	return found
}

// sieve passes numbers through a chain of goroutines, one per prime.
func sieve(primes int) int {
	source := make(chan int)
	quit := make(chan struct{})
	go func(out chan int) {
		for i := 2; ; i++ {
			select {
			case out <- i:
			case <-quit:
				return
			}
		}
	}(source)
	last := 0
	for range primes {
		prime := <-source
		last = prime
		filtered := make(chan int)
		go func(in chan int) {
			for {
				select {
				case n := <-in:
					if n%prime != 0 {
						select {
						case filtered <- n:
						case <-quit:
							return
						}
					}
				case <-quit:
					return
				}
			}
		}(source)
		source = filtered
	}
	close(quit)
	return last
}

func main() {
	size := 20
	if len(os.Args) > 1 {
		n, err := strconv.Atoi(os.Args[1])
		if err != nil || n < 1 {
			fmt.Fprintln(os.Stderr, "usage: work-go [SIZE]")
			os.Exit(2)
		}
		size = n
	}
	text := logbook(size * 2500)
	fmt.Println("log    ", len(text), digest(text))
	fmt.Println("words  ", countWords(text))
	fmt.Println("json   ", roundTrip(size*1000))
	fmt.Printf("sha256  %x\n", sha256.Sum256([]byte(strings.Repeat(text, 4))))
	fmt.Println("flate  ", squeeze(text))
	fmt.Println("regexp ", match(text))
	fmt.Println("sieve  ", sieve(size*20))
}
