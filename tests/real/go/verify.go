// Verifies an exported log of Fanion with nothing but Go's own packages for transparency logs.
//
//	verify FOLDER KEYS [PROOF...]
//
// FOLDER is an export, KEYS the text of the desk's enrolment sheet, each PROOF a .tlog-proof of one of the records.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(h)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		found[i] = h[index]
	}
	return found, nil
}

type log struct {
	leaves [][]byte
	hashes hashes
}

func (l *log) add(leaf []byte) error {
	more, err := tlog.StoredHashes(int64(len(l.leaves)), leaf, l.hashes)
	if err != nil {
		return err
	}
	l.leaves, l.hashes = append(l.leaves, leaf), append(l.hashes, more...)
	return nil
}

// checkpoint opens a signed checkpoint that every one of the keys has to have signed.
func checkpoint(signed []byte, vkeys ...string) (tree tlog.Tree, err error) {
	var verifiers []note.Verifier
	for _, vkey := range vkeys {
		verifier, err := note.NewVerifier(vkey)
		if err != nil {
			return tree, fmt.Errorf("key %q: %w", vkey, err)
		}
		verifiers = append(verifiers, verifier)
	}
	opened, err := note.Open(signed, note.VerifierList(verifiers...))
	if err != nil {
		return tree, err
	}
	if len(opened.Sigs) != len(vkeys) {
		return tree, fmt.Errorf("%d signatures of %d", len(opened.Sigs), len(vkeys))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifiers[0].Name() {
		return tree, fmt.Errorf("not a checkpoint of %s", verifiers[0].Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// verify goes through the seals, each signed by the identity and by the key that the record before it announced.
func verify(folder, identity, epoch string) (l *log, last tlog.Tree, seals int, err error) {
	l = &log{}
	content, err := os.ReadFile(filepath.Join(folder, "leaves.jsonl"))
	if err != nil {
		return
	}
	for _, leaf := range bytes.Split(bytes.TrimSuffix(content, []byte("\n")), []byte("\n")) {
		if err = l.add(leaf); err != nil {
			return
		}
	}
	file, err := os.Open(filepath.Join(folder, "seals.jsonl"))
	if err != nil {
		return
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var seal struct {
			Size int64
			Note string
		}
		if err = json.Unmarshal(lines.Bytes(), &seal); err != nil {
			return
		}
		var tree tlog.Tree
		if tree, err = checkpoint([]byte(seal.Note), identity, epoch); err != nil {
			return l, last, seals, fmt.Errorf("seal over %d: %w", seal.Size, err)
		}
		if tree.N != seal.Size || tree.N > int64(len(l.leaves)) {
			return l, last, seals, fmt.Errorf("seal over %d: of %d records, but %d are here", seal.Size, tree.N, len(l.leaves))
		}
		var root tlog.Hash
		if root, err = tlog.TreeHash(tree.N, l.hashes); err != nil {
			return
		}
		if root != tree.Hash {
			return l, last, seals, fmt.Errorf("seal over %d: other records", seal.Size)
		}
		if last.N > 0 {
			var proof tlog.TreeProof
			if proof, err = tlog.ProveTree(tree.N, last.N, l.hashes); err != nil {
				return
			}
			if err = tlog.CheckTree(proof, tree.N, tree.Hash, last.N, last.Hash); err != nil {
				return
			}
		}
		var announced struct{ Body struct{ Key string } }
		if err = json.Unmarshal(l.leaves[tree.N-1], &announced); err != nil {
			return
		}
		epoch, last = announced.Body.Key, tree
		seals++
	}
	if err = lines.Err(); err == nil && last.N != int64(len(l.leaves)) {
		err = fmt.Errorf("%d records are sealed of %d", last.N, len(l.leaves))
	}
	return
}

// included checks a .tlog-proof against the exact leaf that it is about.
func included(path, identity string, l *log) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, signed, found := bytes.Cut(content, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("no proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := checkpoint(signed, identity)
	if err != nil {
		return err
	}
	if index >= int64(len(l.leaves)) {
		return fmt.Errorf("no record %d", index)
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(l.leaves[index]))
}

// grown checks the consistency proofs that a shelf has: lines of OLD NEW HASH..., each against the seals' roots.
func grown(path string, l *log) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(strings.TrimSpace(string(content)), "\n") {
		words := strings.Fields(line)
		older, _ := strconv.ParseInt(words[0], 10, 64)
		newer, _ := strconv.ParseInt(words[1], 10, 64)
		var proof tlog.TreeProof
		for _, word := range words[2:] {
			hash, err := tlog.ParseHash(word)
			if err != nil {
				return err
			}
			proof = append(proof, hash)
		}
		before, err := tlog.TreeHash(older, l.hashes)
		if err != nil {
			return err
		}
		after, err := tlog.TreeHash(newer, l.hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, newer, after, older, before); err != nil {
			return fmt.Errorf("from %d to %d: %w", older, newer, err)
		}
	}
	return nil
}

func run(arguments []string) error {
	keys, err := os.ReadFile(arguments[1])
	if err != nil {
		return err
	}
	named := map[string]string{}
	for _, line := range strings.Split(string(keys), "\n") {
		if name, vkey, found := strings.Cut(line, " "); found {
			named[name] = vkey
		}
	}
	l, last, seals, err := verify(arguments[0], named["identity"], named["epoch"])
	if err != nil {
		return err
	}
	signed, err := os.ReadFile(filepath.Join(arguments[0], "checkpoint"))
	if err != nil {
		return err
	}
	if tree, err := checkpoint(signed, named["identity"]); err != nil || tree != last {
		return fmt.Errorf("the checkpoint is not the last seal (%v)", err)
	}
	for _, path := range arguments[2:] {
		check := included
		if strings.HasSuffix(path, ".consistency") {
			check = func(path, _ string, l *log) error { return grown(path, l) }
		}
		if err := check(path, named["identity"], l); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
	}
	fmt.Printf("%d records, %d seals, %d proofs\n", len(l.leaves), seals, len(arguments)-2)
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
}
