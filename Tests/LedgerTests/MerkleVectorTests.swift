import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

/// The 518 cases of `transparency-dev/merkle`, one per file: `wantErr` states the expected result.
@Suite(.enabled(if: Vectors.present, "the vectors are not there")) struct MerkleVectorTests {
    struct Family: Sendable, CustomTestStringConvertible {
        let name: String
        let cases: Int
        let accepted: Int
        let check: @Sendable (Case) throws(ProofError) -> Void
        var testDescription: String { name }
    }

    static let families = [
        Family(name: "inclusion", cases: 98, accepted: 6) { value throws(ProofError) in
            try tree.checkInclusion(
                index: value["leafIdx"], size: value["treeSize"], leafHash: value["leafHash"],
                proof: value.proof, root: value["root"])
        },
        Family(name: "consistency", cases: 98, accepted: 6) { value throws(ProofError) in
            try tree.checkConsistency(
                oldSize: value["size1"], newSize: value["size2"], proof: value.proof,
                oldRoot: value["root1"], newRoot: value["root2"])
        },
        Family(name: "subtreeinclusion", cases: 204, accepted: 12) { value throws(ProofError) in
            try tree.checkInclusion(
                index: value["leafIdx"], subtree: try value.range, leafHash: value["leafHash"],
                proof: value.proof, root: value["root"])
        },
        Family(name: "subtreeconsistency", cases: 118, accepted: 12) { value throws(ProofError) in
            try tree.checkConsistency(
                subtree: try value.range, size: value["size"], proof: value.proof,
                subtreeRoot: value["root1"], root: value["root2"])
        },
    ]

    @Test(arguments: families)
    func `proofs of another project are accepted and refused as it says`(family: Family) throws {
        let files = Vectors.files("merkle/testdata/\(family.name)")
        var accepted = 0
        for path in files {
            let value = try Case(try #require(Vectors.bytes(path)))
            let verdict = (try? family.check(value)) != nil
            #expect(verdict == value.isGood, "\(path)")
            accepted += verdict ? 1 : 0
        }
        print("merkle vectors, \(family.name): \(files.count) cases, \(accepted) accepted")
        #expect(files.count == family.cases)
        #expect(accepted == family.accepted)
    }

    /// One file. Integers reach 2^64 - 1; byte strings have any length.
    struct Case {
        private let value: JSONValue
        let isGood: Bool

        init(_ bytes: [UInt8]) throws {
            value = try JSONValue(parsing: bytes, limits: .upstream)
            let isRefused = try #require(value["wantErr"])
            isGood = isRefused == .bool(false)
        }

        subscript(name: String) -> UInt64 {
            switch value[name] {
            case .integer(let number): UInt64(number)
            case .number(let number): UInt64(number.text) ?? 0
            default: 0
            }
        }

        subscript(name: String) -> [UInt8] { Self.bytes(value[name]) }

        var proof: [[UInt8]] { value["proof"]?.array?.map { Self.bytes($0) } ?? [] }

        var range: Range<UInt64> {
            get throws(ProofError) {
                let (start, end): (UInt64, UInt64) = (self["start"], self["end"])
                guard start <= end else { throw .outOfRange }
                return start..<end
            }
        }

        private static func bytes(_ value: JSONValue?) -> [UInt8] {
            value?.string.flatMap { Base64.decode($0) } ?? []
        }
    }
}
