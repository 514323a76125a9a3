import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockStore

func edit(_ path: String, at offset: Int, by mask: UInt8 = 1) throws {
    let file = try FileDescriptor(path, O_RDWR)
    let byte = try #require(try file.read(at: offset, count: 1).first)
    try file.write([byte ^ mask], at: offset)
}

@Suite struct RecoveryTests {
    /// A closed log, the offset of the last frame in its first segment, and that frame's bytes.
    private func prepared() async throws -> (test: TestLog, start: Int, frame: [UInt8]) {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        let intent = try await log.append(try Draft.intent())
        _ = try await log.append(try Draft.outcome(of: intent))
        log.close()
        let file = try FileDescriptor(test.firstSegment, O_RDONLY)
        var offset = 0
        var last = (start: 0, frame: [UInt8]())
        while let header = FrameHeader(try file.read(at: offset, count: FrameHeader.size)) {
            last = (offset, try file.read(at: offset, count: header.paddedSize))
            offset += header.paddedSize
        }
        // The frame was durable but its checkpoint was never published: guard and log have an older head.
        try rewindHeads(test, to: try #require(Frame(last.frame)).header.first)
        return (test, last.start, last.frame)
    }

    private func rewindHeads(_ test: TestLog, to size: UInt64) throws {
        var head: [UInt8] = []
        try test.reader.forEachFrame { frame in
            if frame.header.end <= size { head = frame.checkpoint }
            return true
        }
        for path in [test.configuration.checkpointFile, test.configuration.guardFile] {
            try Folder.replace(path, with: head)
        }
        // Files of a later size did not exist either.
        for level in ["entries", "0"] {
            let folder = "\(test.configuration.directory)/log/tile/\(level)/000.p"
            for name in try Folder.names(folder) where UInt64(name).map({ $0 > size }) ?? true {
                try Folder.remove("\(folder)/\(name)")
            }
        }
    }

    private func restore(_ test: TestLog, _ start: Int, _ frame: [UInt8]) throws {
        let file = try FileDescriptor(test.firstSegment, O_RDWR)
        try file.write(frame, at: start)
        let rest = try file.size() - start - frame.count
        try file.write([UInt8](repeating: 0, count: rest), at: start + frame.count)
    }

    @Test func `the last frame cut off at any byte is cut, and said so`() async throws {
        let (test, start, frame) = try await prepared()
        let size = try test.reader.size()
        let meaningful = (frame.lastIndex { $0 != 0 } ?? 0) + 1
        for keep in Swift.stride(from: 0, to: meaningful, by: 61) {
            try restore(test, start, frame)
            let file = try FileDescriptor(test.firstSegment, O_RDWR)
            try file.write([UInt8](repeating: 0, count: frame.count - keep), at: start + keep)
            try rewindHeads(test, to: size - 1)
            try test.open().close()
            let types = try test.types()
            #expect(types.contains("call.unknown") || keep >= meaningful, "\(keep)")
            if keep > 0 {
                let recovered = try test.reader.show("\(size - 1)").first?.record
                #expect(recovered?.type == "log.recovered", "\(keep)")
                #expect(recovered?["cut"]?["off"]?.integer == Int64(start))
            }
            #expect(try test.verify().faults == [], "\(keep)")
        }
    }

    @Test func `a bit flipped in the last frame cuts it, in an earlier one refuses the start`()
        async throws
    {
        let (test, start, frame) = try await prepared()
        for place in Swift.stride(from: 0, to: frame.count, by: 97) {
            try restore(test, start, frame)
            try edit(test.firstSegment, at: start + place, by: 1 << UInt8(place % 8))
            try rewindHeads(test, to: try #require(Frame(frame)).header.first)
            try test.open().close()
            #expect(try test.verify().faults == [], "\(place)")
        }
        try restore(test, start, frame)
        // Only the genesis was published, so the frames themselves must reveal the damage.
        try rewindHeads(test, to: 1)
        for place in Swift.stride(from: 0, to: start, by: 211) {
            try edit(test.firstSegment, at: place)
            #expect(throws: LedgerFailure(.damaged, ""), "\(place)") { try test.open() }
            #expect(try !test.verify().faults.isEmpty)
            try edit(test.firstSegment, at: place)
        }
        try test.open().close()
    }

    @Test func `records that were published and are gone refuse the start`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        _ = try await log.append(try Draft.intent())
        log.close()
        let head = try #require(
            try Folder.contents(test.configuration.guardFile, limit: 10_000))
        let file = try FileDescriptor(test.firstSegment, O_RDWR)
        let size = try file.size()
        try file.write([UInt8](repeating: 0, count: size - 4096), at: 4096)
        #expect(throws: LedgerFailure(.damaged, "")) { try test.open() }
        // A reader finds all records in the bundles.
        #expect(try test.verify(oldCheckpoints: [head]).faults == [])
        // A snapshot of the whole folder from an earlier time is restored; only the guard reveals it.
        var first: [UInt8] = []
        try test.reader.forEachFrame {
            first = $0.checkpoint
            return true
        }
        try Folder.replace(test.configuration.checkpointFile, with: first)
        #expect(throws: LedgerFailure(.rolledBack, "")) { try test.open() }
        #expect(try test.verify().faults == [])
        #expect(try !test.verify(minimumSize: 3).faults.isEmpty)
    }

    @Test func `a lost guard stops the start until it is accepted, and the log says so`()
        async throws
    {
        let test = try TestLog()
        try test.create()
        try Folder.remove(test.configuration.guardFile)
        #expect(throws: LedgerFailure(.guardLost, "")) { try test.open() }
        var configuration = test.configuration
        configuration.guardLost = true
        try WriteAheadLog.open(configuration, test.tools).close()
        #expect(try test.reader.tail(1).first?.record?.text("guard") == "lost")
        try test.open().close()
    }

    @Test func `a log that is not there is never made by the way`() throws {
        let test = try TestLog()
        #expect(throws: LedgerFailure(.missing, "")) { try test.open() }
        try Folder.make(test.configuration.directory)
        #expect(throws: LedgerFailure(.missing, "")) { try test.open() }
        #expect(LedgerFailure(.missing, "").exitCode == 66)
    }

    @Test func `a log signed by another key, or readable by others, is refused`() throws {
        let test = try TestLog()
        try test.create()
        _ = unsafe chmod(test.configuration.directory, 0o755)
        #expect(throws: LedgerFailure(.exposed, "")) { try test.open() }
        _ = unsafe chmod(test.configuration.directory, 0o700)
        let other = LogKey(
            name: TestLog.origin,
            publicKey: try #require(PublicKey(bytes: .init(repeating: 3, count: 32))),
            sign: { _ in .init(repeating: 0, count: 64) })
        let tools = LedgerTools(
            hashing: TestLog.hashing, signer: other, verifier: test.tools.verifier,
            clock: test.tools.clock)
        #expect(throws: LedgerFailure(.damaged, "")) {
            try WriteAheadLog.open(test.configuration, tools)
        }
    }
}
