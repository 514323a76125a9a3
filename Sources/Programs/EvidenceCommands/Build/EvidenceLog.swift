import InterlockCommandLine
import InterlockCredentials
import InterlockEvidencePack
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockStore

/// The log as of one signed checkpoint, and the figures and records that a pack takes from it.
struct EvidenceLog {
    let origin: String
    let end: Checkpoint
    /// The signed note of the end, with its cosignatures.
    let endNote: [UInt8]
    /// The stored checkpoint before the period; nil if none is kept, so that the pack begins with the log.
    let start: (note: [UInt8], head: Checkpoint)?
    let counter: EvidenceCounter
    let records: PeriodRecords
    let seed: EvidenceManifest.Seed
    let sampleSeed: Digest
    /// True if records of the period were pruned, or are older than the log.
    let isPartial: Bool
    private let reader: LedgerReader
    private var prover: LogProver

    /// The times that the log is read if its clock was set back within the period.
    private static let maximumPasses = 3

    /// - Throws: exit 66 if there is no such checkpoint, 65 for a damaged log, 1 if the period is not over.
    init(_ input: EvidenceInput, _ request: EvidenceRequest, evidenceKey: VerifierKey) throws {
        let reader = input.reader
        self.reader = reader
        let wanted = request.size.map { WantedCheckpoint.exactly($0) } ?? .atLeast(0)
        var prover = try Self.reading {
            try reader.prover(wanted, keys: input.keys, verifier: OpenSSLVerifier())
        }
        let end = prover.checkpoint
        let first = try Self.reading { try reader.first() }
        guard first < end.size else { throw Failure(.notFound, "the log has no records yet") }
        isPartial = try Self.isPartial(first, reader, request)
        let begin = min(try Self.reading { try reader.first(since: request.from) }, end.size)
        start = try Self.reading {
            try reader.keptCheckpoint(
                atMost: begin, keys: input.keys, verifier: OpenSSLVerifier())
        }
        let population = EvidencePopulation(
            from: request.from, to: request.to, start: start?.head.size ?? 0, end: end.size,
            agents: Set(texts: request.agents.map(\.text)))
        let gathered = try Self.gather(
            request, reader, first, population, evidenceKey, &prover)
        (seed, sampleSeed) = (gathered.seed, gathered.sampleSeed)
        (counter, records) = (gathered.counter, gathered.records)
        (origin, self.end, endNote) = (end.origin, end, prover.note)
        self.prover = prover
    }

    /// The bytes of records and their proofs, by index.
    mutating func proved(_ index: UInt64) throws -> (leaf: Leaf, proof: [UInt8]) {
        do throws(LedgerFailure) {
            if let entry = try reader.entry(at: index), let proved = try prover.prove(entry) {
                return (entry.leaf, proved.proof.encoded())
            }
        } catch { throw Self.failure(error) }
        throw Failure(.data, "record \(index) is not under the checkpoint")
    }

    func record(at index: UInt64) throws -> StoredRecord {
        guard let record = try Self.reading({ try reader.entry(at: index) })?.record else {
            throw Failure(.data, "record \(index) is in no canonical form")
        }
        return record
    }

    /// The proof that the tree of `size` is the beginning of the log at the end, one hash a line.
    mutating func consistency(from size: UInt64) throws -> [UInt8] {
        let hashes: [Digest]
        do throws(LedgerFailure) {
            hashes = try prover.consistencyProof(oldSize: size, newSize: end.size)
        } catch { throw Self.failure(error) }
        return Array(hashes.map { $0.base64 + "\n" }.joined().utf8)
    }

    // MARK: Reading

    private struct Gathered {
        let seed: EvidenceManifest.Seed
        let sampleSeed: Digest
        let counter: EvidenceCounter
        let records: PeriodRecords
    }

    /// Reads the log once. It is read again only if its clock was set back at the end of the period.
    private static func gather(
        _ request: EvidenceRequest, _ reader: LedgerReader, _ first: UInt64,
        _ population: EvidencePopulation, _ key: VerifierKey, _ prover: inout LogProver
    ) throws -> Gathered {
        if let given = request.seed {
            let (counter, records) = try scan(
                reader, first, population, given, request.samples, key)
            return Gathered(
                seed: .given(given), sampleSeed: given, counter: counter, records: records)
        }
        var place = try firstAfter(request, reader, population.end)
        for _ in 0..<maximumPasses {
            guard let found = place else { throw unfinished(request.to) }
            let root = try rootOf(found + 1, &prover)
            let seed = EvidenceManifest.seed(of: root, OpenSSLHashing())
            let (counter, records) = try scan(
                reader, first, population, seed, request.samples, key)
            if counter.firstAfter == found {
                return Gathered(
                    seed: .log(size: found + 1, root: root), sampleSeed: seed, counter: counter,
                    records: records)
            }
            place = counter.firstAfter
        }
        throw Failure(.internalError, "the end of the period could not be found in the log")
    }

    private static func rootOf(_ size: UInt64, _ prover: inout LogProver) throws -> Digest {
        do throws(LedgerFailure) { return try prover.root(at: size) } catch {
            throw failure(error)
        }
    }

    private static func scan(
        _ reader: LedgerReader, _ first: UInt64, _ population: EvidencePopulation, _ seed: Digest,
        _ samples: Int, _ key: VerifierKey
    ) throws -> (EvidenceCounter, PeriodRecords) {
        let seedBytes = seed.bytes
        var counter = EvidenceCounter(population, samples: samples) { leaf in
            Digest(bytes: hmacSHA256(key: seedBytes, leaf.bytes)) ?? leaf
        }
        var records = PeriodRecords(population, evidenceKey: key.description)
        let progress = Progress("records read", of: population.end - min(first, population.end))
        defer { progress.end() }
        try reading {
            try reader.scan(from: first) { entry in
                guard entry.index < population.end else { return false }
                progress.add()
                guard let record = entry.record else {
                    records.add(damaged: entry.index)
                    return true
                }
                let isCounted = counter.add(record, entry.leaf.hash, at: entry.index)
                records.add(record, entry.leaf.hash, at: entry.index, isCounted: isCounted)
                return true
            }
        }
        guard records.damaged == 0 else {
            throw Failure(
                .data, "\(records.damaged) records are in no canonical form",
                help: "interlock audit verify")
        }
        return (counter, records)
    }

    /// The place of the first record at or after the end of the period, by times that increase; a pass over the log
    /// confirms it.
    private static func firstAfter(
        _ request: EvidenceRequest, _ reader: LedgerReader, _ end: UInt64
    ) throws -> UInt64? {
        let place = try reading { try reader.first(since: request.to) }
        return place < end ? place : nil
    }

    private static func unfinished(_ end: Timestamp) -> Failure {
        let time = end.rfc3339(fractionDigits: 0)
        return Failure(
            .no, "the period has not ended: the checkpoint has no record of \(time) or later",
            help:
                "wait for the first checkpoint after \(time), state an earlier --to, or give --seed"
        )
    }

    private static func isPartial(
        _ first: UInt64, _ reader: LedgerReader, _ request: EvidenceRequest
    ) throws -> Bool {
        let oldest = try reading { try reader.entry(at: first) }?.record?.time
        guard let oldest, oldest > request.from else { return false }
        guard request.isPartial else {
            throw Failure(
                .no,
                "the log begins at \(oldest.rfc3339(fractionDigits: 0)), after the begin of the period",
                help: "--partial builds the pack with a gap that says so")
        }
        return true
    }

    /// Does the work. A failure of the log ends the command with its own exit.
    private static func reading<Value>(_ work: () throws -> Value) throws -> Value {
        do { return try work() } catch let failure as LedgerFailure { throw self.failure(failure) }
    }

    private static func failure(_ failure: LedgerFailure) -> Failure {
        Failure(Exit(rawValue: failure.exitCode) ?? .internalError, "\(failure)")
    }
}
