package main

import (
	"context"
	"errors"
	"os"
	"strconv"
	"sync"
	"time"
)

func say(text string) {
	os.Stdout.WriteString(text + "\n")
}

// nap uses goroutines, select with timeouts, tickers and contexts: what the Go runtime asks of poll_oneoff and the
// clocks. It prints what happened in an order that does not depend on timing.
func nap() {
	start := time.Now()

	var group sync.WaitGroup
	results := make([]int, 10)
	for i := range results {
		group.Add(1)
		go func() {
			defer group.Done()
			time.Sleep(time.Duration(20+i) * time.Millisecond)
			results[i] = i * i
		}()
	}
	group.Wait()
	sum := 0
	for _, square := range results {
		sum += square
	}
	say("sum of squares " + strconv.Itoa(sum))

	silent := make(chan int)
	select {
	case <-silent:
		say("a silent channel spoke")
	case <-time.After(30 * time.Millisecond):
		say("timed out")
	}

	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		say("context expired")
	}

	ticks := 0
	ticker := time.NewTicker(5 * time.Millisecond)
	for range ticker.C {
		if ticks++; ticks == 4 {
			ticker.Stop()
			break
		}
	}
	say("ticks " + strconv.Itoa(ticks))

	elapsed := time.Since(start)
	if elapsed >= 90*time.Millisecond && elapsed < 5*time.Second {
		say("slept about as long as asked")
	}
}
