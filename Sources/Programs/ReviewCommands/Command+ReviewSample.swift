package import InterlockCommandLine
import InterlockCredentials
import InterlockJSON
import InterlockLogReading
import InterlockModel
package import InterlockReview

extension Command {
    /// `review sample`.
    ///
    /// - Parameters:
    ///   - options: those of what `other` does.
    ///   - document: returns the sample of a review as the gateway keeps it.
    ///   - other: lists, opens and marks records, without `--verify`.
    package static func reviewSample(
        options: [Option],
        document: @escaping @Sendable (Invocation) async throws -> ReviewSample,
        _ other: @escaping Run
    ) -> Command {
        Command(
            "review sample ID [JUDGEMENT]", "read and mark the records of a review",
            example: "interlock review sample 01kag0q9m2c4e6g8j0k2n4p6r8 --verify",
            options: options + [
                .verifySample,
                Option("--sample FILE", "with --verify: this document of the sample"),
            ],
            exits: [Exit].ofOrders + [.io, .tryAgain],
            notes: """
                --verify draws the sample again from the log, and compares it: exit 1 if other records are selected. It needs \
                no key, and the document of the sample: the member `sample` of what `--json` prints, in canonical form \
                (`jq -cS .sample`). It shows no record, so nothing is recorded.
                """
        ) { invocation in
            guard invocation.has("verify") else { return try await other(invocation) }
            _ = try invocation.argument("no id of a review", .usage) { ReviewID($0) }
            let sample: ReviewSample
            if let path = invocation["sample"] {
                sample = try ReviewSample(file: path)
            } else {
                sample = try await document(invocation)
            }
            return try verify(sample, invocation)
        }
    }

    private static func verify(
        _ sample: ReviewSample, _ invocation: Invocation
    ) throws -> Exit {
        let log = try AuditLog(invocation)
        let progress = log.progress()
        defer { progress.end() }
        let drawn = try SampleDrawing(again: sample, in: log, counting: progress).sample
        let differences = drawn.differences(from: sample)
        let digest = try sample.documentDigest()
        let count = sample.strata.reduce(0) { $0 + $1.records.count }
        let first =
            differences.isEmpty
            ? "\(count) records are those that the seed selects, of \(sample.checkpoint.size)"
            : "other records are selected than the sample has"
        invocation.print(
            [
                "checkpoint": .string(sample.checkpoint.root.base64),
                "differences": .array(differences.map { .string($0) }),
                "digest": .string(digest), "ok": .bool(differences.isEmpty),
                "records": .count(count),
            ],
            ([first] + differences.map { "  \($0)" } + ["  digest \(digest)"])
                .joined(separator: "\n"))
        return differences.isEmpty ? .ok : .no
    }
}

extension Option {
    /// `--verify` of `review sample`.
    package static let verifySample = Option(
        "--verify", "draw the sample again from the log, and compare it")
}

extension ReviewSample {
    /// Reads the document of a sample.
    ///
    /// - Throws: exit 65 if it is none.
    init(file path: String) throws(Failure) {
        var bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try File.read(path, limit: Self.largest)
        } catch { throw Failure(.notFound, error.message) }
        // Programs that print JSON end the line.
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        do throws(FormError) { self = try ReviewSample(parsing: bytes) } catch {
            throw Failure(.data, "`\(path)` is no sample of a review: \(error)")
        }
    }

    /// The digest of the document, in the form of statements.
    func documentDigest() throws(Failure) -> String {
        do throws(FormError) { return try digest(OpenSSLHashing()).prefixed } catch {
            throw Failure(.internalError, "the sample cannot be written: \(error)")
        }
    }
}
