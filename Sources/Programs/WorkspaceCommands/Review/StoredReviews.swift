import Glibc
package import InterlockChangeReview
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
package import InterlockModel
package import InterlockPorts
package import InterlockWorkspace
import InterlockWorkspaceFiles

/// The reviews of a deployment's runs: their layers, and in each run's folder `approvals` (one envelope a line) and
/// `review` (the numbers of the changes that wait).
package struct StoredReviews: ChangeReviewStore {
    private let path: String

    private static let approvals = "approvals"
    private static let review = "review"
    private static let mostBytes = 16 << 20

    /// - Parameter path: the folder with the folders of runs.
    package init(path: String) { self.path = path }

    private func folder(_ run: RunID) -> String { path + "/" + run.text }

    package func hasChanges(of run: RunID) -> Bool { File.exists(folder(run) + "/layer") }

    package func changes(of run: RunID) throws(ChangeReadFailure) -> WorkspaceDiff {
        do throws(Failure) { return try WorkspaceReview(run, in: folder(run)).diff() } catch {
            throw ChangeReadFailure(error)
        }
    }

    package func contents(
        of changes: [WorkspaceChange], of run: RunID, most: Int
    ) throws(ChangeReadFailure) -> [ChangedContent] {
        do throws(Failure) {
            let review = try WorkspaceReview(run, in: folder(run))
            var contents: [ChangedContent] = []
            for change in changes {
                contents.append(ChangedContent(try review.content(of: change, most: most)))
            }
            return contents
        } catch { throw ChangeReadFailure(error) }
    }

    package func approvals(of run: RunID) throws(StoreFailure) -> [Envelope] {
        let file = folder(run) + "/" + Self.approvals
        guard File.exists(file) else { return [] }
        let text = try stored { () throws(FileFailure) in
            try File.readRegular(file, limit: Self.mostBytes)
        }
        var envelopes: [Envelope] = []
        for line in text.split(separator: UInt8(ascii: "\n")) {
            guard let envelope = try? Envelope(parsing: Array(line)) else {
                throw StoreFailure(reason: "`\(file)` is not as it was written")
            }
            envelopes.append(envelope)
        }
        return envelopes
    }

    package func setApprovals(
        _ envelopes: [Envelope], of run: RunID
    ) throws(StoreFailure) {
        let text = envelopes.flatMap { $0.json.serialized() + [UInt8(ascii: "\n")] }
        try write(text, Self.approvals, of: run)
    }

    package func pending() throws(StoreFailure) -> [RunID: PendingReview] {
        guard File.exists(path) else { return [:] }
        let names = try stored { () throws(FileFailure) in try File.names(in: path) }
        var found: [RunID: PendingReview] = [:]
        for run in names.compactMap({ RunID($0) }) {
            let file = folder(run) + "/" + Self.review
            // A file that cannot be read leaves the review to the command line.
            guard File.exists(file), hasChanges(of: run),
                let bytes = try? File.readRegular(file, limit: 1024),
                let review = PendingReview(bytes)
            else { continue }
            found[run] = review
        }
        return found
    }

    package func setPending(_ review: PendingReview?, of run: RunID) throws(StoreFailure) {
        try write(review?.bytes ?? [], Self.review, of: run)
    }

    /// Replaces a file, or removes it if there are no bytes.
    private func write(
        _ bytes: [UInt8], _ name: String, of run: RunID
    ) throws(StoreFailure) {
        let file = folder(run) + "/" + name
        try stored { () throws(FileFailure) in
            if bytes.isEmpty {
                guard unsafe unlink(file) == 0 || errno == ENOENT else {
                    throw FileFailure("remove", file)
                }
            } else {
                try File.write(bytes, to: file)
            }
            try File.syncFolder(of: file)
        }
    }

    @discardableResult
    private func stored<Value>(
        _ work: () throws(FileFailure) -> Value
    ) throws(StoreFailure) -> Value {
        do throws(FileFailure) { return try work() } catch {
            throw StoreFailure(reason: error.message)
        }
    }
}

extension PendingReview {
    fileprivate var bytes: [UInt8] {
        JSONValue.object([
            "changes": .integer(Int64(changes)), "flagged": .integer(Int64(flagged)),
            "since": .integer(since.microseconds),
        ]).serialized()
    }

    fileprivate init?(_ bytes: [UInt8]) {
        let limits = JSONLimits(depth: 2, bytes: 1024, values: 8)
        guard let value = try? JSONValue(parsing: bytes, limits: limits),
            let changes = value["changes"]?.integer, let flagged = value["flagged"]?.integer,
            let since = value["since"]?.integer,
            flagged > 0, flagged <= changes, since >= 0
        else { return nil }
        self.init(
            changes: Int(changes), flagged: Int(flagged), since: Timestamp(microseconds: since))
    }
}

extension ChangedContent {
    fileprivate init(_ content: RunFolder.ReviewedContent) {
        self =
            switch content {
            case .bytes(let old, let new): .bytes(old: old, new: new)
            case .changedProject: .changedProject
            case .tooLarge: .tooLarge
            case .notFile: .notFile
            }
    }
}

extension ChangeReadFailure {
    fileprivate init(_ failure: Failure) {
        switch failure.exit {
        case .notFound: self = .noWorkspace
        case .tryAgain: self = .busy
        default: self = .failed(failure.message)
        }
    }
}
