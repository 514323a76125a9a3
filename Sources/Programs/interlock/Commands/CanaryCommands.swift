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

    static let safetyTaint = Command(
        "safety taint RUN", "show whether an open run has read untrusted content",
        example: "interlock safety taint 01kag0q9m2c4e6g8j0k2n4p6r8",
        options: [.directory, .json], exits: [.notFound, .unavailable],
        notes: """
            Prints the level of the run and the calls that raised it, with server, tool and time. The level never falls.
            Server and tool are not known of a call before the last start of the gateway.
            """
    ) { invocation in
        let text = invocation.positional[0]
        guard let run = RunID(text) else {
            throw Failure(.usage, "invalid run id `\(TerminalEscaping.shown(text))`")
        }
        let taint = try invocation.gateway().get("/v1/runs/\(run.text)/taint")
        let sources = (taint["sources"]?.array ?? []).map { source in
            let place = [source["server"]?.string, source["tool"]?.string].compactMap { $0 }
            let name =
                place.isEmpty ? "a server that is not internal" : place.joined(separator: ".")
            let kinds = source["markers"]?.array?.compactMap(\.string) ?? []
            return
                "  \(name) at \(source["at"]?.string ?? "-") in call \(source["call"]?.string ?? "-")"
                + (kinds.isEmpty ? "" : ", with \(kinds.joined(separator: ", "))")
        }
        let lines = ["\(run.text): \(taint["level"]?.string ?? "-")"] + sources
        return invocation.print(taint, lines.joined(separator: "\n"))
    }
}
