import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore

/// An index that is built anew from the log, to hold the kept one and the days' digests against it.
struct IndexRebuild {
    private let log: ProvedLog

    init(_ log: ProvedLog) { self.log = log }

    /// - Returns: whether there is no difference.
    func print(json: Bool) throws -> Bool {
        let folder = try Scratch.make()
        defer { Scratch.remove(folder) }
        let started = SystemClock().now.boot
        let fresh = try built(in: folder)
        let seconds = max(Double((SystemClock().now.boot - started).microseconds) / 1e6, 1e-6)
        var findings = try differences(from: fresh)
        findings += try days(of: fresh)
        for (index, text) in findings {
            if json {
                Output.json(["difference": .string(text), "index": .count(index)])
            } else {
                Output.line("\(String(index).padded(to: 8)) index  \(TerminalEscaping.shown(text))")
            }
        }
        let rate = Int64(Double(fresh.size) / seconds)
        if json {
            Output.json([
                "rebuilt": .count(fresh.size),
                "rows_per_second": .integer(rate), "differences": .count(findings.count),
            ])
        } else {
            Output.line(
                "index built anew: \(fresh.size) rows, \(rate) a second, \(findings.count) differences"
            )
        }
        return findings.isEmpty
    }

    private func built(in folder: String) throws -> LogIndex {
        do {
            var build = try IndexBuild(
                folder + "/index.db", origin: log.checkpoint.origin, hashing: OpenSSLHashing())
            try reading { try build.fill(from: log.log.reader, to: log.size) { _ in true } }
            guard build.index.root == log.checkpoint.root else {
                throw Failure(.data, "the records are not those that the checkpoint was signed for")
            }
            return build.index
        } catch let failure as IndexFailure {
            throw Failure(.cannotCreate, failure.reason, help: "the index is built in $TMPDIR")
        }
    }

    private func differences(from fresh: LogIndex) throws -> [(UInt64, String)] {
        guard let deployment = log.log.deployment, File.exists(deployment.index) else { return [] }
        do throws(IndexFailure) {
            let kept = try LogIndex(reading: deployment.index, hashing: OpenSSLHashing())
            return try kept.differences(from: fresh).map { ($0.index, $0.detail) }
        } catch {
            return [(0, error.reason)]
        }
    }

    /// Each record `index.digest` against what its day has now.
    private func days(of fresh: LogIndex) throws -> [(UInt64, String)] {
        var found: [(UInt64, String)] = []
        do {
            for hit in try fresh.digestRecords() {
                guard let record = try reading({ try log.log.reader.entry(at: hit.index) })?.record,
                    let written = DayDigest(record)
                else {
                    found.append((hit.index, "the day's digest cannot be read"))
                    continue
                }
                if try !fresh.isCutShort(written.day),
                    try fresh.digest(of: written.day, size: written.size) != written
                {
                    found.append(
                        (
                            hit.index,
                            "the records of \(written.day.text) are not those of its digest"
                        ))
                }
            }
        } catch let failure as IndexFailure {
            throw Failure(.io, failure.reason)
        }
        return found
    }
}
