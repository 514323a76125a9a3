import Glibc
import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockStore

/// Measures the cost of the audit log.
///
///     bench-ledger commit FOLDER WRITERS SECONDS PAYLOAD
///     bench-ledger begin FOLDER KEYS
///     bench-ledger sign KEYS SOCKET
///     bench-ledger signed FOLDER WRITERS SECONDS SOCKET
///     bench-ledger grow FOLDER SIZE
///     bench-ledger read FOLDER
///
/// `commit` measures durable records per second by callers that wait for each, with PAYLOAD bytes of arguments and
/// result encrypted; `callers_ns` is the part of `cpu_ns` that the same callers take without a log, `crypto_ns` the
/// time of a record's hashes and cipher alone. `signed` measures the same without payload on a log that `begin` created,
/// whose key in KEYS the process of `sign` holds: its baseline is `commit` with the PAYLOAD 0. `grow` measures a record
/// and a proof at 10,000 records and at SIZE. `read` measures verifying and indexing that log and counting limits from
/// it, and prints its key for another verifier. `begin`, `commit` and `grow` create FOLDER. Each but `begin` and `sign`
/// prints one JSON object.
@main
enum LedgerBench {
    static func main() async throws {
        let words = Array(CommandLine.arguments.dropFirst())
        let result: JSONValue
        switch (words.first, words.count) {
        case ("commit", 5):
            guard let writers = Int(words[2]), let seconds = Double(words[3]),
                let payload = Int(words[4]), writers > 0
            else { throw Misuse.usage("WRITERS SECONDS PAYLOAD") }
            let log = try BenchLog(words[1]).create()
            let callers = try (0..<writers).map { try Writer($0, payload: payload) }
            let load = Load(log, writers: callers)
            _ = try await load.run(for: .milliseconds(300))
            var found = try await load.run(for: .seconds(seconds)).json
            log.close()
            found["callers_ns"] = try await Load(nil, writers: callers)
                .run(for: .milliseconds(500)).json["cpu_ns"]
            found["crypto_ns"] = .integer(
                await Cryptography(payload: callers.first?.payload ?? 0)
                    .perRecord(for: .milliseconds(300)).nanoseconds)
            result = .object(found)
        case ("begin", 3): return try SignedLog.create(BenchLog(words[1]), signer: words[2])
        case ("sign", 3): return try SignedLog.serve(words[1], socket: words[2])
        case ("signed", 5):
            guard let writers = Int(words[2]), let seconds = Double(words[3]), writers > 0 else {
                throw Misuse.usage("WRITERS SECONDS SOCKET")
            }
            let bench = try BenchLog(words[1], signer: SignerClient(path: words[4]))
            let log = try WriteAheadLog.open(bench.configuration, bench.tools)
            let load = Load(log, writers: try (0..<writers).map { try Writer($0, payload: 0) })
            _ = try await load.run(for: .milliseconds(300))
            result = .object(try await load.run(for: .seconds(seconds)).json)
            log.close()
        case ("grow", 3):
            guard let size = UInt64(words[2]) else { throw Misuse.usage("SIZE") }
            result = try await grow(BenchLog(words[1]), to: size)
        case ("read", 2):
            result = try read(BenchLog(words[1]))
        default: throw Misuse.usage("begin, commit, grow, read, sign or signed")
        }
        print(String(decoding: result.serialized(), as: UTF8.self))
    }

    private static func grow(_ bench: BenchLog, to size: UInt64) async throws -> JSONValue {
        let log = try bench.create()
        defer { log.close() }
        let many = Load(log, writers: try (0..<256).map { try Writer($0, payload: 0) })
        let some = Load(log, writers: try (256..<320).map { try Writer($0, payload: 0) })
        var rows: [JSONValue] = []
        for mark in [10_000, size] {
            while log.status.size < mark { _ = try await many.run(for: .milliseconds(100)) }
            let found = try await some.run(for: .seconds(2))
            var row = found.json
            row["records"] = .integer(Int64(log.status.size))
            row["proof_ns"] = .integer(
                proofNanoseconds(found.receipts, TreeHash(bench.tools.hashing)))
            rows.append(.object(row))
        }
        return .array(rows)
    }

    /// The average time to make one inclusion proof from a record's receipt, in nanoseconds.
    private static func proofNanoseconds(_ receipts: [Receipt], _ tree: TreeHash) -> Int64 {
        let sample = receipts.suffix(1000)
        var made = 0
        let took = ContinuousClock().measure {
            for receipt in sample where receipt.proof(tree) != nil { made += 1 }
        }
        return made == 0 ? 0 : took.nanoseconds / Int64(made)
    }

    private static func read(_ bench: BenchLog) throws -> JSONValue {
        let clock = ContinuousClock()
        var size: UInt64 = 0
        let verifying = try clock.measure {
            let report = try bench.reader.verify(
                VerifyRequest(keys: [bench.key], verifier: bench.tools.verifier))
            if let fault = report.faults.first { throw Misuse.damaged(fault) }
            size = report.size
        }
        let path = bench.folder + "/index.db"
        LogIndex.remove(path)
        let indexing = try clock.measure {
            var build = try IndexBuild(
                path, origin: BenchLog.origin, hashing: bench.tools.hashing)
            try build.fill(from: bench.reader, to: size) { _ in true }
        }
        let counting = try Counting.measured(bench)
        return [
            "entries": .integer(Int64(size)),
            "count_per_second": .integer(perSecond(counting.records, counting.took)),
            "verify_per_second": .integer(perSecond(size, verifying)),
            "index_per_second": .integer(perSecond(size, indexing)),
            "vkey": .string(bench.key.description),
        ]
    }

    private static func perSecond(_ count: UInt64, _ took: Duration) -> Int64 {
        Int64(Double(count) * 1e9 / Double(max(took.nanoseconds, 1)))
    }
}

/// The concurrent callers of a measurement.
struct Load: Sendable {
    private let log: WriteAheadLog?
    private let writers: [Writer]

    /// - Parameter log: nil to measure the callers alone: each record is made and then discarded.
    init(_ log: WriteAheadLog?, writers: [Writer]) {
        self.log = log
        self.writers = writers
    }

    struct Found: Sendable {
        var microseconds: [UInt32] = []
        var receipts: [Receipt] = []
        var elapsed: Duration = .zero
        /// Processor time of this process in user mode: callers, hashing and the log's threads.
        var processor: Duration = .zero

        var json: JSONObject {
            let sorted = microseconds.sorted()
            guard let last = sorted.indices.last else { return [:] }
            let count = Double(sorted.count)
            return [
                "per_second": .integer(Int64(count * 1e9 / Double(elapsed.nanoseconds))),
                "p50_us": .integer(Int64(sorted[sorted.count / 2])),
                "p99_us": .integer(Int64(sorted[min(last, sorted.count * 99 / 100)])),
                "cpu_ns": .integer(Int64(Double(processor.nanoseconds) / count)),
            ]
        }
    }

    /// - Throws: if the log refuses a record, because the measurement would then be meaningless.
    func run(for time: Duration) async throws -> Found {
        let clock = ContinuousClock()
        let start = clock.now
        let used = processorTime()
        var found = try await withThrowingTaskGroup(of: Found.self) { group in
            for writer in writers {
                group.addTask { try await call(writer, until: start.advanced(by: time)) }
            }
            var all = Found()
            for try await one in group {
                all.microseconds += one.microseconds
                all.receipts += one.receipts
            }
            return all
        }
        found.elapsed = start.duration(to: clock.now)
        found.processor = processorTime() - used
        return found
    }

    private func call(
        _ writer: Writer, until end: ContinuousClock.Instant
    ) async throws -> Found {
        var found = Found()
        let clock = ContinuousClock()
        func append(_ record: RecordDraft) async throws -> Receipt {
            let start = clock.now
            let receipt = try await keep(record)
            found.microseconds.append(
                UInt32(clamping: start.duration(to: clock.now).microseconds))
            return receipt
        }
        while clock.now < end {
            let intent = writer.intent()
            let receipt = try await append(intent)
            let outcome = try await append(
                writer.outcome(of: receipt, call: intent.fields["call"] ?? .null))
            if found.receipts.count < 100 { found.receipts.append(outcome) }
        }
        return found
    }

    private func keep(_ record: RecordDraft) async throws -> Receipt {
        guard let log else {
            await Task.yield()
            return Receipt(index: 0, leafHash: Digest(words: (0, 0, 0, 0)))
        }
        return try await log.append(record)
    }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}

func processorTime() -> Duration {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return .seconds(usage.ru_utime.tv_sec) + .microseconds(usage.ru_utime.tv_usec)
}
