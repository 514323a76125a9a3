import InterlockJSON
import InterlockModel

extension Command {
    static let auditErase = Command(
        "audit erase",
        "destroy the keys of payloads; the records stay, their contents are gone for ever",
        options: [
            .directory, .json,
            Option("--run RUN", "of this run"),
            Option(
                "--subject EMAIL", "of every run on behalf of this person, by address or pseudonym"),
            Option("--before DATE", "of all days before this one"),
            Option("--reason CODE", "why, as a code: it stays in the log"),
            Option("--ticket TICKET", "where it is followed up"),
            Option("--confirm TEXT", "the run, subject or date once more"),
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
        body["ticket"] = invocation["ticket"].map(JSONValue.string)
        let answer = try GatewayClient(try Deployment.open(invocation)).post(
            "/v1/erasures", .object(body))
        show(answer, invocation)
        return .ok
    }
}

private func show(_ answer: JSONValue, _ invocation: Invocation) {
    if invocation.has("json") { return Output.json(answer) }
    let runs = answer["runs"]?.array ?? []
    let buckets = answer["buckets"]?.array ?? []
    for bucket in buckets { Output.line("erased  all keys of \(bucket.string ?? "-")") }
    for run in runs { Output.line("erased  run \(run.string ?? "-")") }
    if answer["erased_before"]?.bool == true { Output.line("        there was no key left") }
    for record in answer["records"]?.array ?? [] {
        Output.line(
            "record  \(record["index"]?.integer ?? 0) payload.erased \(record["hash"]?.string ?? "-")"
        )
    }
    for line in answer["remains"]?.array ?? [] { Output.line("remains \(line.string ?? "")") }
}
