import InterlockAdministration
import InterlockCommandLine
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockReview
import InterlockReviewCommands
import InterlockReviews
import InterlockStore

extension NodeEvidence: ReviewLog {
    /// The longest wait for a checkpoint of after a period. One is published at each beat of the log, which is 10 s.
    private static let patience = Duration.seconds(25)
    private static let pause = Duration.milliseconds(200)

    func draw(_ request: SampleRequest) async throws(Problem) -> DrawnSample {
        do throws(EvidenceRefusal) {
            try await awaitCheckpoint(after: request.period)
            return try await simulation { log, isGoing in
                let drawn = try SampleDrawing(
                    scope: request.scope, period: request.period, agents: request.agents,
                    senders: request.senders, servers: request.servers, random: request.random,
                    in: log, while: isGoing)
                return DrawnSample(
                    sample: drawn.sample, approvals: drawn.approvals, drift: drawn.drift)
            }
        } catch { throw Problem(.notRead, "no sample can be drawn: \(error)") }
    }

    /// Returns when a checkpoint covers a record of after the period, or the wait is over.
    private func awaitCheckpoint(after period: ReviewPeriod) async throws(EvidenceRefusal) {
        let deadline = ContinuousClock.now + Self.patience
        while try await !page({ try SampleDrawing.isCovered(period, in: $0) }),
            ContinuousClock.now < deadline
        {
            guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
        }
    }

    func begins() async throws(Problem) -> Timestamp? {
        do throws(EvidenceRefusal) {
            return try await page { log -> Timestamp? in
                let first = try log.reader.first()
                guard first > 0 else { return nil }
                return try log.reader.entry(at: first)?.record?.time
            }
        } catch { throw Problem(.notRead, "the begin of the log cannot be read: \(error)") }
    }

    func record(
        _ sampled: SampledRecord, under checkpoint: SampleCheckpoint
    ) async -> ReadRecord? {
        try? await page { log in
            var search = try RecordSearch(log, Self.pageBounds)
            var proved = search.log
            guard let found = try proved.record(at: sampled.index), found.hash == sampled.leaf,
                sampled.index < checkpoint.size,
                try proved.root(at: checkpoint.size) == checkpoint.root
            else { throw EvidenceRefusal.noSuchRecord }
            let payloads = try log.payloads(of: found.record)
            let others = try found.record.text("call").map { try search.named(.call($0)) } ?? []
            return ReadRecord(
                record: ReadRecord.Part(
                    index: found.index, record: found.record,
                    bytes: Array(found.entry.leaf.bytes),
                    payloads: payloads),
                others: try others.filter { $0.index != found.index }.map {
                    ReadRecord.Part(
                        index: $0.index, record: $0.record,
                        bytes: Array($0.entry.leaf.bytes),
                        payloads: try log.payloads(of: $0.record))
                },
                isErased: payloads.contains { $0.answer == .erased })
        }
    }
}
