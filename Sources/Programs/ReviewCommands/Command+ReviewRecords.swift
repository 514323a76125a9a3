package import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockLogReading
import InterlockModel
import InterlockReview

extension Command {
    package static let reviewRecords = Command(
        "review sample ID [JUDGEMENT]", "read and mark the records of a review",
        example: "interlock review sample 01kag0q9m2c4e6g8j0k2n4p6r8 --verify",
        options: Option.logSource + [
            .json, Option("--open RECORD", "show a record, and note that it was opened"),
            Option("--mark RECORD", "judge a record that was opened: ok, finding or unclear"),
            Option("--severity N", "of a finding: 1, the worst, to 3"),
            Option("--note TEXT", "a note, kept as a payload"),
            Option("--verify", "draw the sample again from the log, and compare it"),
            Option("--sample FILE", "with --verify: this document of the sample"),
        ],
        exits: [Exit].ofOrders + [.io, .tryAgain],
        notes: """
            RECORD is the number of a record of the sample, or its leaf hash. --verify draws the sample again from the \
            log, and compares it: exit 1 if other records are selected. It needs no key, and the document of the sample: \
            the member `sample` of what `--json` prints, in canonical form (`jq -cS .sample`). It shows no record, so nothing is recorded.
            """
    ) { invocation in
        guard invocation.has("verify") else { return try useSample(invocation) }
        return try verifySample(try reviewedSample(invocation), invocation)
    }

    private static func useSample(_ invocation: Invocation) throws -> Exit {
        let id = try reviewID(invocation)
        let client = try invocation.gateway()
        if let text = invocation["mark"] {
            return try mark(text, of: id, client, invocation)
        }
        guard invocation.positional.count == 1 else {
            throw Failure(.usage, "a judgement needs the record", help: "--mark RECORD")
        }
        if let text = invocation["open"] {
            let hash = try leafHash(text, of: id, client)
            let answer = try client.post(
                "/v1/reviews/\(id.text)/records/\(hash.hex)/open", JSONValue.null)
            return invocation.print(answer, recordText(answer))
        }
        return list(try client.get("/v1/reviews/\(id.text)"), invocation)
    }

    static func reviewID(_ invocation: Invocation) throws(Failure) -> ReviewID {
        try invocation.argument("no id of a review", help: "interlock review status", .usage) {
            ReviewID($0)
        }
    }

    /// The leaf hash of a record, which is named by it or by its number.
    private static func leafHash(
        _ text: String, of id: ReviewID, _ client: GatewayClient
    ) throws(Failure) -> Digest {
        if let number = Int64(text) {
            let rows = try client.get("/v1/reviews/\(id.text)").rows("strata")
            for row in rows.flatMap({ $0.rows("records") }) where row["index"]?.integer == number {
                if let hash = row["leaf"]?.string.flatMap({ Digest(base64: $0) }) { return hash }
            }
            throw Failure(.notFound, "record \(number) is not in the sample")
        }
        return try Invocation.parsed(
            text, "no record", help: "its number, or its leaf hash", .usage
        ) { Digest(base64: $0) ?? Digest(hex: $0) }
    }

    /// The mark is durable when the command returns.
    private static func mark(
        _ text: String, of id: ReviewID, _ client: GatewayClient, _ invocation: Invocation
    ) throws(Failure) -> Exit {
        guard invocation.positional.count == 2 else {
            throw Failure(
                .usage, "missing judgement", help: "--mark RECORD ok, finding or unclear")
        }
        let hash = try leafHash(text, of: id, client)
        var body: JSONObject = ["as": .string(invocation.positional[1])]
        if let text = invocation["severity"] {
            let severity = try Invocation.parsed(
                text, "no severity", help: "1, the worst, to 3", .usage
            ) { Int64($0) }
            body["severity"] = .integer(severity)
        }
        if let note = invocation["note"] { body["note"] = .string(note) }
        let answer = try client.post(
            "/v1/reviews/\(id.text)/records/\(hash.hex)/mark", .object(body))
        return invocation.print(answer, "\(hash.base64): \(answer.text("as"))")
    }

    private static func recordText(_ answer: JSONValue) -> String {
        let records = [answer["record"] ?? JSONValue.null] + answer.rows("others")
        var lines = [
            "\(answer.text("agent")) \(answer.text("stratum")), record \(answer.number("index"))"
        ]
        if answer.flag("erased") {
            lines.append("a payload was erased: the next record of the stratum takes its place")
        }
        for record in records {
            lines.append(TerminalEscaping.shown(record.json))
        }
        return lines.joined(separator: "\n")
    }

    private static func list(_ shown: JSONValue, _ invocation: Invocation) -> Exit {
        var lines = [
            "review \(shown.text("review")) of \(shown.text("scope")), "
                + "\(shown.text("from")) to \(shown.text("to")): \(shown.number("unmarked")) of "
                + "\(shown.number("records")) records are unmarked"
        ]
        for stratum in shown.rows("strata") {
            lines.append(
                "\(stratum.text("agent")) \(stratum.text("stratum")), of "
                    + "\(stratum.number("population")): \(stratum.text("bound"))")
            for row in stratum.rows("records") {
                let mark = row["as"]?.string == nil ? "unmarked" : row.text("as")
                lines.append(
                    "  \(row.number("index"))  \(row.text("leaf"))  \(row.text("at"))  \(mark)")
            }
        }
        lines += shown.strings("warnings").map { "warning: " + TerminalEscaping.shown($0) }
        return invocation.print(shown, lines.joined(separator: "\n"))
    }
}
