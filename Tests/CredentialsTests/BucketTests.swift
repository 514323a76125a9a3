import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCredentials

/// Buckets on disk: the content that survives, is cut off or is refused.
@Suite struct BucketTests {
    private let scratch = Scratch()
    private let day = CivilDate(year: 2026, month: 11, day: 20).unwrapped
    private var keys: String { scratch.path + "/keys" }

    private func owners(_ count: Int, day: Int64 = 0) -> [PayloadOwner] {
        (0..<count).map { number in
            .run(
                RunID(
                    milliseconds: 1_795_169_731_500 + day * 86_400_000,
                    random: [UInt8](repeating: UInt8(number), count: 10)))
        }
    }

    private func folder() throws -> BucketFolder {
        if run("test -d '\(keys)'") == nil {
            _ = run("mkdir -m 700 '\(keys)'")
            try BucketFolder.create(in: keys, entropy: SystemEntropy())
        }
        return try BucketFolder(keys, entropy: SystemEntropy())
    }

    private func answers(_ owners: [PayloadOwner]) throws -> [RunKeyResponse] {
        var folder = try folder()
        return try owners.map { try folder.answer($0) }
    }

    private var path: String { "keys/buckets/\(day.text).bucket" }

    @Test func `keys that were added are there after a restart`() throws {
        let owners = owners(5) + [.day(day)]
        var folder = try folder()
        try folder.add(Array(owners[..<2]))
        try folder.add(owners)
        let before = try owners.map { try folder.answer($0) }
        #expect(Set(before.map { "\($0)" }).count == 6)
        #expect(try answers(owners) == before)
        #expect(try folder.answer(self.owners(7)[6]) == .missing)
    }

    @Test func `a bucket torn at any byte keeps every whole key before it`() throws {
        let owners = owners(3)
        var folder = try folder()
        for owner in owners { try folder.add([owner]) }
        let before = try answers(owners)
        let whole = scratch.read(path)
        let head = whole.count - 3 * BucketSlot.byteCount
        for count in head...whole.count {
            scratch.write(path, Array(whole[..<count]))
            let kept = (count - head) / BucketSlot.byteCount
            #expect(
                try answers(owners)
                    == before[..<kept] + [RunKeyResponse](repeating: .missing, count: 3 - kept))
            // Zeros that a crash left of an append are a torn entry too.
            let zeros = [UInt8](repeating: 0, count: whole.count - count)
            scratch.write(path, Array(whole[..<count]) + zeros)
            #expect(try answers(owners).prefix(kept) == before[..<kept])
        }
        scratch.write(path, Array(whole[..<(whole.count - 10)]))
        var again = try self.folder()
        try again.add(owners)
        let after = try answers(owners)
        #expect(after.prefix(2) == before[..<2])
        #expect(after[2] != .missing && after[2] != before[2])
    }

    @Test func `no changed byte of a bucket gives another key`() throws {
        let owners = owners(3)
        var folder = try folder()
        try folder.add(owners)
        let before = try answers(owners)
        let whole = scratch.read(path)
        for place in whole.indices {
            var changed = whole
            changed[place] ^= 0x04
            scratch.write(path, changed)
            do {
                for (answer, key) in zip(try answers(owners), before) {
                    #expect(answer == key || answer == .missing, "byte \(place)")
                }
                // Only the last entry can be taken for torn.
                #expect(place >= whole.count - BucketSlot.byteCount, "byte \(place)")
            } catch let failure as KeyFailure {
                #expect(failure.code == .malformed)
            }
        }
    }

    @Test func `buckets without their wrapping key stop the start`() throws {
        var folder = try folder()
        try folder.add(owners(1))
        let key = scratch.read("keys/wrap.key")
        _ = run("rm '\(keys)/wrap.key'")
        #expect(throws: KeyFailure(.missing, "")) { _ = try self.folder() }
        scratch.write("keys/wrap.key", seed(7), mode: 0o400)
        #expect(throws: KeyFailure(.malformed, "")) { _ = try self.folder() }
        _ = run("rm -f '\(keys)/wrap.key'")
        scratch.write("keys/wrap.key", key, mode: 0o644)
        #expect(throws: KeyFailure(.exposed, "")) { _ = try self.folder() }
        scratch.chmodFile("keys/wrap.key", 0o400)
        #expect(throws: Never.self) { _ = try self.folder() }
    }

    @Test func `an erased key is gone, is known to be erased, and is not made anew`() throws {
        let owners = owners(4)
        let others = self.owners(2, day: 1)
        var folder = try folder()
        try folder.add(owners + others)
        let before = try answers(owners)
        let oldKey = scratch.read("keys/wrap.key")
        #expect(try folder.erase(owners: [owners[1]], days: []))
        try folder.add(owners)
        #expect(try answers(owners) == [before[0], .erased, before[2], before[3]])
        #expect(scratch.read("keys/wrap.key") != oldKey)
        #expect(try !folder.erase(owners: [owners[1]], days: []))
        #expect(try answers(others).allSatisfy { $0 != .missing })
    }

    @Test func `a destroyed bucket keeps no key and takes none`() throws {
        let owners = owners(3)
        var folder = try folder()
        try folder.add(owners)
        #expect(try folder.erase(owners: [], days: [day]))
        try folder.add(owners)
        #expect(try answers(owners) == [.erased, .erased, .erased])
        #expect(try folder.daysInUse().isEmpty)
    }

    /// The start after a crash following any step has all keys or, from the rewriting on, all except the erased one,
    /// which erasing again removes; the content under the old wrapping key is then under the new one.
    @Test(arguments: ErasureStep.allCases)
    func `a crash behind any step of an erasure loses no other key`(step: ErasureStep) throws {
        let owners = owners(3)
        let others = self.owners(1, day: 1)
        var folder = try folder()
        try folder.add(owners + others)
        let before = try answers(owners + others)
        let oldKey = scratch.read("keys/wrap.key")
        let oldBucket = scratch.read(path)
        #expect(throws: KeyFailure(.io, "")) {
            _ = try folder.erase(owners: [owners[0]], days: []) { done throws(KeyFailure) in
                if done == step { throw KeyFailure(.io, "the process ends here") }
            }
        }
        let after = try answers(owners + others)
        #expect(after[1...] == before[1...])
        #expect(after[0] == (step == .nextKey ? before[0] : .erased))
        #expect(scratch.read("keys/wrap.key.next").isEmpty)
        var again = try self.folder()
        #expect(try again.erase(owners: [owners[0]], days: []) == (step == .nextKey))
        #expect(try answers(owners)[0] == .erased)
        // The old bucket, restored from a backup, can no longer be opened.
        #expect(scratch.read("keys/wrap.key") != oldKey)
        scratch.write(path, oldBucket)
        #expect(throws: KeyFailure(.malformed, "")) { _ = try self.folder() }
    }

    @Test(arguments: ErasureStep.allCases)
    func `an erasure that failed goes on in the same process`(step: ErasureStep) throws {
        let owners = owners(3)
        var folder = try folder()
        try folder.add(owners)
        let before = try answers(owners)
        _ = try? folder.erase(owners: [owners[0]], days: []) { done throws(KeyFailure) in
            if done == step { throw KeyFailure(.io, "no room") }
        }
        #expect(try folder.answer(owners[1]) == before[1])
        try folder.add(self.owners(4))
        _ = try folder.erase(owners: [owners[0], owners[2]], days: [])
        #expect(try owners.map { try folder.answer($0) } == [.erased, before[1], .erased])
        #expect(try answers(owners) == [.erased, before[1], .erased])
    }
}
