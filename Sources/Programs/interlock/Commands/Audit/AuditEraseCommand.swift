import InterlockCommandLine
import InterlockDeployment
import InterlockJSON

extension Command {
    static let auditErase = Command(
        "audit erase",
        "destroy the keys of payloads; the records stay, their contents are gone for ever",
        example:
            "interlock audit erase --run 01kag0q9m2c4e6g8j0k2n4p6r8 --reason gdpr --ticket DSR-17 --confirm 01kag0q9m2c4e6g8j0k2n4p6r8",
        options: [
            .directory, .json,
            Option("--run RUN", "of this run"),
            Option(
                "--subject EMAIL", "of every run on behalf of this person, by address or pseudonym"),
            Option("--before DATE", "of all days before this one"),
            Option("--reason CODE", "why, as a code: it stays in the log").required,
            Option("--ticket TICKET", "where it is followed up"),
            Option("--confirm TEXT", "the run, subject or date once more").required,
        ],
        exits: [.data, .notFound, .unavailable, .notPermitted],
        notes: "Needs the running gateway, which records the erasure before it destroys a key."
    ) { invocation in
        let names = ["run", "subject", "before"].filter(invocation.has)
        guard names.count == 1, let name = names.first else {
            throw Failure(.usage, "name one of `--run`, `--subject` and `--before`")
        }
        let target = try invocation.require(name)
        guard try invocation.require("confirm") == target else {
            throw Failure(
                .usage, "`--confirm` must repeat `\(target)`: what is erased cannot be brought back"
            )
        }
        var body: JSONObject = [
            name: .string(target), "confirm": .string(target),
            "reason": .string(try invocation.require("reason")),
        ]
        body["ticket"] = invocation.json("ticket")
        let answer = try invocation.gateway().post("/v1/erasures", .object(body))
        return invocation.print(answer, text(answer))
    }
}

private func text(_ answer: JSONValue) -> String {
    var lines = answer.rows("buckets").map { "erased  all keys of \($0.string ?? "-")" }
    lines += answer.rows("runs").map { "erased  run \($0.string ?? "-")" }
    if answer.flag("erased_before") { lines.append("        there was no key left") }
    lines += answer.rows("records").map { record in
        "record  \(record.number("index")) payload.erased \(record.text("hash"))"
    }
    lines += answer.rows("remains").map { "remains \($0.string ?? "")" }
    return lines.joined(separator: "\n")
}
