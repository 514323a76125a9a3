import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCredentials

/// A reader that keeps opened buckets always gives the same responses as a new one.
@Suite struct BucketReaderTests {
    private let scratch = Scratch()
    private let day = CivilDate(year: 2026, month: 11, day: 20).unwrapped
    private var keys: String { scratch.path + "/keys" }
    private var path: String { "keys/buckets/\(day.text).bucket" }

    private let owners: [PayloadOwner] = (0..<4).map { number in
        let day = Int64(number / 2)
        return .run(
            RunID(
                milliseconds: 1_795_169_731_500 + day * 86_400_000,
                random: [UInt8](repeating: UInt8(number), count: 10)))
    }

    private func folder() throws -> BucketFolder {
        _ = run("mkdir -m 700 '\(keys)'")
        try BucketFolder.create(in: keys, entropy: SystemEntropy())
        var folder = try BucketFolder(keys, entropy: SystemEntropy())
        try folder.add(owners)
        return folder
    }

    /// The reader's response for every owner, after checking that a new reader gives the same.
    private func answers(
        _ reader: BucketReader, _ location: SourceLocation = #_sourceLocation
    ) -> [PayloadKeyResponse] {
        owners.map { owner in
            let name = PayloadName(owner: owner, scope: owner.text, field: "args")
            let answer = reader.key(of: name)
            #expect(answer == BucketReader(keys).key(of: name), sourceLocation: location)
            return answer
        }
    }

    private func hasKeys(_ answers: [PayloadKeyResponse]) -> [Bool] {
        answers.map { if case .key = $0 { true } else { false } }
    }

    @Test func `keys of two days are told as often as they are asked for`() throws {
        _ = try folder()
        let reader = BucketReader(keys)
        let first = answers(reader)
        #expect(hasKeys(first) == [true, true, true, true])
        #expect(answers(reader) == first)
    }

    @Test func `an erasure and a new key are seen by the next question`() throws {
        var folder = try folder()
        let reader = BucketReader(keys)
        let before = answers(reader)
        #expect(try folder.erase(owners: [owners[0]], days: []))
        let after = answers(reader)
        #expect(after[0] == .erased)
        #expect(Array(after[1...]) == Array(before[1...]))
        #expect(try folder.erase(owners: [], days: [owners[2].day]))
        #expect(Array(answers(reader)[2...]) == [.erased, .erased])
        let late = PayloadOwner.day(day)
        let name = PayloadName(owner: late, scope: late.text, field: "query")
        #expect(reader.key(of: name) == .missing)
        try folder.add([late])
        #expect(hasKeys([reader.key(of: name)]) == [true])
    }

    @Test func `a wrapping key that is gone takes the keys with it`() throws {
        _ = try folder()
        let reader = BucketReader(keys)
        #expect(hasKeys(answers(reader)) == [true, true, true, true])
        _ = run("mv '\(keys)/wrap.key' '\(keys)/elsewhere'")
        #expect(hasKeys(answers(reader)) == [false, false, false, false])
        _ = run("mv '\(keys)/elsewhere' '\(keys)/wrap.key'")
        #expect(hasKeys(answers(reader)) == [true, true, true, true])
    }

    @Test func `a bucket that is damaged or gone is not answered from memory`() throws {
        _ = try folder()
        let reader = BucketReader(keys)
        #expect(hasKeys(answers(reader)) == [true, true, true, true])
        let whole = scratch.read(path)
        var damaged = whole
        damaged[damaged.count - 1] ^= 1
        scratch.write(path, damaged)
        let name = PayloadName(owner: owners[1], scope: owners[1].text, field: "args")
        #expect(reader.key(of: name) == .missing)
        scratch.write(path, whole)
        #expect(hasKeys([reader.key(of: name)]) == [true])
        _ = run("rm '\(scratch.path)/\(path)'")
        #expect(reader.key(of: name) == .missing)
    }
}
