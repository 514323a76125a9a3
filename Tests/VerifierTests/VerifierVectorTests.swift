import InterlockTesting
import Testing

@testable import interlock_verify

/// The tree of the small verifier, compared with published answers.
struct VerifierVectorTests {
    @Test func `the roots of RFC 6962 come out for sizes 0 to 8`() {
        var tree = TileTree()
        #expect(tree.root.hex == RFC6962.roots[0])
        for (leaf, root) in zip(RFC6962.leaves, RFC6962.roots.dropFirst()) {
            #expect(tree.append(Tree.leaf(leaf[...])).isEmpty)
            #expect(tree.root.hex == root)
        }
    }

    /// Compares the tree with the plain recursion of RFC 6962, including sizes at which tiles of several levels become
    /// full.
    @Test func `a tree of any size has the root of the plain recursion`() throws {
        var tree = TileTree()
        var leaves: [Digest] = []
        var known: [Range<Int>: Digest] = [:]
        var full = 0
        for number in 0..<66_000 {
            let leaf = Tree.leaf(Array("\(number)".utf8)[...])
            leaves.append(leaf)
            full += tree.append(leaf).count
            if number < 300 || number % 30_011 == 0 || number > 65_990 || number == 65_535 {
                let plain = root(leaves[...], &known)
                #expect(tree.root == plain, "size \(number + 1)")
            }
        }
        #expect(full == 66_000 / 256 + 1)
    }

    /// The plain recursion; `full` has the roots of the full subtrees of more than 64 leaves that it has computed.
    private func root(_ leaves: ArraySlice<Digest>, _ full: inout [Range<Int>: Digest]) -> Digest {
        guard leaves.count > 1 else { return leaves.first ?? Tree.empty }
        if let known = full[leaves.indices] { return known }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let middle = leaves.startIndex + split
        let node = Tree.node(root(leaves[..<middle], &full), root(leaves[middle...], &full))
        if leaves.count > 64, split * 2 == leaves.count { full[leaves.indices] = node }
        return node
    }

    @Test(.enabled(if: VerifierVectors.present, "no vectors: shared/vectors is not there"))
    func `inclusion proofs of another project are judged as it judges them`() throws {
        var judged = (accepted: 0, refused: 0)
        for path in VerifierVectors.cases("merkle/testdata/inclusion") {
            let vector = try JSONObject(try #require(TestFiles.read(path)), .document)
            let hashes = vector.elements("proof") ?? []
            let proof = InclusionProof(
                index: try #require(vector.integer("leafIdx")),
                path: hashes.compactMap { JSONObject.text(vector.bytes[$0]) }
                    .compactMap { Digest(base64: $0.bytes[...]) })
            var accepted = false
            // An invalid hash is rejected when the proof is read.
            if proof.path.count == hashes.count, let leaf = vector.digest("leafHash"),
                let root = vector.digest("root"), let size = vector.integer("treeSize")
            {
                accepted = proof.root(leaf: leaf, size: size) == root
            }
            #expect(accepted == (vector.truth("wantErr") == false), "\(path)")
            if accepted { judged.accepted += 1 } else { judged.refused += 1 }
        }
        #expect(judged == (6, 92))
    }
}

/// Vectors of other projects.
enum VerifierVectors {
    /// All files under the folder that end in `.json`.
    static func cases(_ folder: String) -> [String] {
        var folders = [TestFiles.vectors(from: #filePath) + "/" + folder]
        var found: [String] = []
        while let next = folders.popLast() {
            for path in TestFiles.list(next) {
                if path.hasSuffix(".json") { found.append(path) } else { folders.append(path) }
            }
        }
        return found.sorted()
    }

    /// Is true if the tests run. A test without vectors is skipped by name; on CI it fails instead.
    static var present: Bool { !cases("merkle/testdata/inclusion").isEmpty || TestFiles.isCI }
}
