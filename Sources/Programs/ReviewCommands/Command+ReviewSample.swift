import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLogReading
import InterlockModel
import InterlockReview

extension Command {
    /// The sample of a review: the document of `--sample`, else that of the gateway.
    static func reviewedSample(_ invocation: Invocation) throws -> ReviewSample {
        let id = try reviewID(invocation)
        if let path = invocation["sample"] { return try ReviewSample(file: path) }
        let shown = try invocation.gateway().get("/v1/reviews/\(id.text)")
        do {
            return try ReviewSample(parsing: (shown["sample"] ?? JSONValue.null).canonical())
        } catch { throw Failure(.data, "the gateway's sample is malformed: \(error)") }
    }

    /// Draws the sample again from the log, and compares it.
    static func verifySample(
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

extension ReviewSample {
    /// Reads the document of a sample.
    ///
    /// - Throws: exit 66 if the file cannot be read, 65 if it is not one.
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
