import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockSafety

extension Command {
    static let safetyCanaryAdd = Command(
        "safety canary add NAME", "create a canary value",
        example: "interlock safety canary add payroll-share --like aws-key",
        options: [
            Option(
                "--like FORM",
                "form of the value: token, github-token, aws-key or password [default: token]"),
            .directory, .json,
        ],
        exits: [.no, .notFound, .unavailable],
        notes: """
            Prints the value once. Plant it where only an intruder finds it: a file, a ticket, a mailbox. From then on, a
            call whose arguments have it is denied, its run is stopped and people are alerted; in results it is replaced.
            NAME is 1 to 64 of a-z, 0-9 and -; agents never see it.
            """
    ) { invocation in
        let name = try canaryName(invocation.positional[0])
        let like = invocation["like"] ?? PlantedValueForm.token.rawValue
        guard let form = PlantedValueForm(rawValue: like) else {
            let forms = PlantedValueForm.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(
                .usage, "unknown form `\(TerminalEscaping.shown(like))`", help: "use \(forms)")
        }
        let answer = try invocation.gateway().post(
            "/v1/canaries",
            ["name": .string(name.description), "form": .string(form.rawValue)])
        return invocation.print(answer, answer["value"]?.string ?? "")
    }

    static let safetyCanaryList = Command(
        "safety canary list", "list the canaries, without their values",
        example: "interlock safety canary list",
        options: [.directory, .json], exits: [.unavailable]
    ) { invocation in
        let answer = try invocation.gateway().get("/v1/canaries")
        for canary in answer["canaries"]?.array ?? [] {
            let text = ["name", "form", "since", "digest"].map { canary[$0]?.string ?? "-" }
            invocation.print(canary, text.joined(separator: "  "))
        }
        return .ok
    }

    static let safetyCanaryRemove = Command(
        "safety canary remove NAME", "stop searching for a canary",
        example: "interlock safety canary remove payroll-share",
        options: [.directory, .json], exits: [.notFound, .unavailable],
        notes: "Remove the value first where it is planted."
    ) { invocation in
        let name = try canaryName(invocation.positional[0])
        let answer = try invocation.gateway().post("/v1/canaries/\(name)/remove", .null)
        return invocation.print(answer, "\(name): removed")
    }

    private static func canaryName(_ text: String) throws(Failure) -> PlantedValueName {
        guard let name = PlantedValueName(text) else {
            throw Failure(
                .usage, "invalid name `\(TerminalEscaping.shown(text))`",
                help: "use 1 to 64 of a-z, 0-9 and -")
        }
        return name
    }
}
