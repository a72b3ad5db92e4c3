// Command go-verifier checks a folder with the public files of a log by golang.org/x/mod/sumdb (note and tlog), which knows nothing of the program that
// wrote them: C2SP checkpoints, tiles, entry bundles and receipts, and consistency proofs as lines of base64.
//
//	vkey  checkpoint  tile/<L>/<N>[.p/<W>]  tile/entries/<N>[.p/<W>]   the log
//	receipts/<index>                                                   a tlog-proof of that entry under the checkpoint
//	older/<size>/checkpoint  older/<size>/proof                        a checkpoint that the log went on from, and the proof of it
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	entries, receipts, older, err := verify(folder(os.Args[1]))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%d entries, %d receipts, %d older checkpoints\n", entries, receipts, older)
}

func verify(log folder) (entries int64, receipts, older int, err error) {
	vkey, err := log.read("vkey")
	if err != nil {
		return
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	if err != nil {
		return
	}
	text, err := log.read("checkpoint")
	if err != nil {
		return
	}
	tree, err := open(text, verifier)
	if err != nil {
		return
	}
	hashes := tlog.TileHashReader(tree, log)

	// Every entry: its proof made from the tiles, checked against the signed root.
	for entries < tree.N {
		width := tree.N - entries
		if width > 256 {
			width = 256
		}
		var bundle []byte
		if bundle, err = log.read(strings.Replace(path(tlog.Tile{H: 8, L: 0, N: entries / 256, W: int(width)}), "tile/0/", "tile/entries/", 1)); err != nil {
			return
		}
		for i := int64(0); i < width; i++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				err = fmt.Errorf("entry %d: the bundle ends", entries)
				return
			}
			record := bundle[2 : 2+binary.BigEndian.Uint16(bundle)]
			bundle = bundle[2+len(record):]
			var proof tlog.RecordProof
			if proof, err = tlog.ProveRecord(tree.N, entries, hashes); err == nil {
				err = tlog.CheckRecord(proof, tree.N, tree.Hash, entries, tlog.RecordHash(record))
			}
			if err == nil {
				var receipt []byte
				if receipt, err = log.read(fmt.Sprintf("receipts/%d", entries)); err == nil {
					receipts++
					err = checkReceipt(receipt, text, proof, entries)
				} else if errors.Is(err, os.ErrNotExist) {
					err = nil
				}
			}
			if err != nil {
				err = fmt.Errorf("entry %d: %w", entries, err)
				return
			}
			entries++
		}
		if len(bundle) > 0 {
			err = fmt.Errorf("%d bytes after entry %d", len(bundle), entries-1)
			return
		}
	}

	sizes, _ := os.ReadDir(filepath.Join(string(log), "older"))
	for _, size := range sizes {
		if err = checkOlder(log, "older/"+size.Name(), verifier, tree, hashes); err != nil {
			err = fmt.Errorf("older checkpoint %s: %w", size.Name(), err)
			return
		}
		older++
	}
	return
}

// checkReceipt holds a tlog-proof against the proof made here: the same hashes under the same checkpoint.
func checkReceipt(receipt, checkpoint []byte, proof tlog.RecordProof, index int64) error {
	head, rest, found := bytes.Cut(receipt, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || !bytes.Equal(rest, checkpoint) || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != "index "+strconv.FormatInt(index, 10) {
		return errors.New("the receipt is none of this entry under this checkpoint")
	}
	return sameHashes(lines[2:], proof)
}

func checkOlder(log folder, at string, verifier note.Verifier, tree tlog.Tree, hashes tlog.HashReader) error {
	text, err := log.read(at + "/checkpoint")
	if err != nil {
		return err
	}
	old, err := open(text, verifier)
	if err != nil {
		return err
	}
	given, err := log.read(at + "/proof")
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, old.N, hashes)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
		return err
	}
	return sameHashes(strings.Split(strings.TrimSuffix(string(given), "\n"), "\n"), proof)
}

// sameHashes compares lines of base64 with hashes; one empty line is no hash.
func sameHashes(lines []string, hashes []tlog.Hash) error {
	given := []tlog.Hash{}
	for _, line := range lines {
		if line == "" && len(lines) == 1 {
			break
		}
		bytes, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(bytes) != tlog.HashSize {
			return fmt.Errorf("%q is no hash", line)
		}
		given = append(given, *(*tlog.Hash)(bytes))
	}
	if !reflect.DeepEqual(given, append([]tlog.Hash{}, hashes...)) {
		return fmt.Errorf("the given proof is %v, made here was %v", given, hashes)
	}
	return nil
}

// open verifies a checkpoint and reads its size and root; the first line is the name of the key.
func open(text []byte, verifier note.Verifier) (tree tlog.Tree, err error) {
	signed, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		return tree, errors.New("the checkpoint is not three lines that begin with the log's name")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// folder is the log's folder, and reads tiles where C2SP puts them.
type folder string

func (f folder) read(name string) ([]byte, error) { return os.ReadFile(filepath.Join(string(f), name)) }

func (f folder) Height() int { return 8 }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range tiles {
		bytes, err := f.read(path(tile))
		if err != nil {
			return nil, err
		}
		data = append(data, bytes)
	}
	return data, nil
}

// path is x/mod's path of a tile without the height: tile/8/0/x001/234 is tile/0/x001/234 in C2SP tlog-tiles.
func path(tile tlog.Tile) string { return strings.Replace(tile.Path(), "tile/8/", "tile/", 1) }
