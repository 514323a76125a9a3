import Glibc
import InterlockTesting
import Testing

@testable import interlock_verify

/// The tree of the small verifier against published answers.
struct VerifierVectorTests {
    @Test func `the roots of RFC 6962 come out for sizes 0 to 8`() throws {
        let leaves = [
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ]
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ]
        var tree = TileTree()
        #expect(tree.root.hex == roots[0])
        for (leaf, root) in zip(leaves, roots.dropFirst()) {
            let bytes = try #require(Hex.decode(leaf.utf8))
            #expect(tree.append(Tree.leaf(bytes[...])).isEmpty)
            #expect(tree.root.hex == root)
        }
    }

    /// Against the plain recursion of RFC 6962, also where tiles of several levels become full.
    @Test func `a tree of any size has the root of the plain recursion`() throws {
        var tree = TileTree()
        var leaves: [Digest] = []
        var full = 0
        for number in 0..<66_000 {
            let leaf = Tree.leaf(Array("\(number)".utf8)[...])
            leaves.append(leaf)
            full += tree.append(leaf).count
            if number < 300 || number % 30_011 == 0 || number > 65_990 || number == 65_535 {
                #expect(tree.root == root(leaves[...]), "size \(number + 1)")
            }
        }
        #expect(full == 66_000 / 256 + 1)
    }

    private func root(_ leaves: ArraySlice<Digest>) -> Digest {
        guard leaves.count > 1 else { return leaves.first ?? Tree.empty }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let middle = leaves.startIndex + split
        return Tree.node(root(leaves[..<middle]), root(leaves[middle...]))
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
            // A hash that is no hash is refused where proofs are read.
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

/// Vectors of other projects: `$INTERLOCK_VECTORS`, else `../shared/vectors` beside the package.
enum VerifierVectors {
    /// All files under the folder that end in `.json`.
    static func cases(_ folder: String) -> [String] {
        let root =
            unsafe getenv("INTERLOCK_VECTORS").map { unsafe String(cString: $0) }
            ?? TestFiles.root(from: #filePath) + "/../shared/vectors"
        var folders = [root + "/" + folder]
        var found: [String] = []
        while let next = folders.popLast() {
            for path in TestFiles.list(next) {
                if path.hasSuffix(".json") { found.append(path) } else { folders.append(path) }
            }
        }
        return found.sorted()
    }

    /// Absent vectors skip a test by name; on CI they fail it instead.
    static var present: Bool { !cases("merkle/testdata/inclusion").isEmpty || TestFiles.isCI }
}
