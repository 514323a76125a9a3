import InterlockChangeReview
import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockProvenance

/// The gateway's knowledge of contents, runs and people, and its record of the answer of a check.
struct GatewayProvenance {
    private let client: GatewayClient

    /// - Throws: exit 69 if there is no deployment: without the log nothing can be found out.
    init(_ invocation: Invocation) throws(Failure) {
        client = try Self.unavailable { () throws(Failure) in try invocation.gateway() }
    }

    /// Every failure to ask is a refusal with exit 69: "could not find out".
    static func unavailable<Value>(
        _ work: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        do throws(Failure) { return try work() } catch {
            throw Failure(.unavailable, error.message, help: error.help)
        }
    }

    private func post(_ target: String, _ body: JSONValue) throws(Failure) -> JSONValue {
        try Self.unavailable { () throws(Failure) in try client.post(target, body) }
    }

    /// Asks for contents in as many requests as they need.
    func written(
        _ contents: [Digest], runs: [RunID]
    ) throws(Failure) -> WrittenContents {
        var named: [RunID: WrittenContents.Run] = [:]
        var writers: [Digest: [RunID]] = [:]
        var unread: [WrittenContents.Unread] = []
        var (digests, ids) = (contents[...], runs[...])
        repeat {
            let request = WrittenContentsRequest(
                contents: Array(digests.prefix(WrittenContentsRequest.mostContents)),
                runs: Array(ids.prefix(WrittenContentsRequest.mostRuns)))
            digests = digests.dropFirst(request.contents.count)
            ids = ids.dropFirst(request.runs.count)
            let answer = try post("/v1/merges/contents", request.json)
            for row in try rows(answer, "runs") {
                guard let run = row["run"]?.string.flatMap({ RunID($0) }),
                    let agent = row["agent"]?.string.flatMap({ AgentName($0) }),
                    let record = row["record"]?.string.flatMap({ Digest(hex: $0) })
                else { throw Self.unreadable }
                named[run] = WrittenContents.Run(
                    agent: agent, host: row["host"]?.string, record: record)
            }
            for row in try rows(answer, "contents") {
                guard
                    let content = row["sha256"]?.string.flatMap({
                        Digest(hex: $0)
                    }),
                    let list = row["runs"]?.array
                else { throw Self.unreadable }
                writers[content] = list.compactMap { $0.string.flatMap { RunID($0) } }
            }
            // Each answer has all of them.
            unread = []
            for row in try rows(answer, "unread") {
                guard let run = row["run"]?.string.flatMap({ RunID($0) }),
                    let reason = row["reason"]?.string
                else { throw Self.unreadable }
                unread.append(WrittenContents.Unread(run: run, reason: reason.withMarks))
            }
        } while !digests.isEmpty || !ids.isEmpty
        return WrittenContents(runs: named, writers: writers, unread: unread)
    }

    /// - Parameter review: names the change of which the gateway counts earlier ones, if it names one.
    func facts(of people: [Person], for review: MergeReview) throws(Failure) -> MergeFacts {
        let request = MergeFactsRequest(people: people, review)
        let answer = try post("/v1/merges/facts", request.json)
        guard let facts = MergeFacts(answer) else { throw Self.unreadable }
        return facts
    }

    /// Records the answer of a check; durable on return.
    ///
    /// - Returns: the hash of the record.
    func record(_ checked: JSONValue) throws(Failure) -> String {
        guard let record = try post("/v1/merges", checked)["record"]?.string else {
            throw Self.unreadable
        }
        return record
    }

    private func rows(_ answer: JSONValue, _ list: String) throws(Failure) -> [JSONValue] {
        guard let rows = answer[list]?.array else { throw Self.unreadable }
        return rows
    }

    private static let unreadable = Failure(
        .unavailable, "the gateway sent an invalid response")
}
