import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockSandboxes
import InterlockSchemas

extension Operation {
    /// Operations of the supervisors of sandboxed runs: `interlock run`, as the user of the gateway.
    static let sandboxes: [Operation] = [
        Operation(
            name: "listSandboxes", method: .get, path: "/running-sandboxes",
            summary: "The sandboxed runs that are under way, newest first, with their figures.",
            answer: .record(
                "RunningSandboxes",
                .init(
                    "sandboxes", .list(of: SandboxStatus.self, 0...1000), "Those that are visible.")
            ),
            problems: [.notRead],
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                let running = try api.part(api.sources.sandboxes).running
                return [
                    "sandboxes": .array(
                        running.filter { visibility.sees($0.agent) }.map(SandboxStatus.form.json))
                ]
            }),
        Operation(
            name: "beginSandbox", method: .post, path: "/sandboxes", body: .object, answer: .object,
            isOfCommands: true,
            handler: .answer { api, call throws(Problem) in try await api.beginSandbox(call) }),
        Operation(
            name: "endSandbox", method: .post, path: "/sandboxes/{run}/end", body: .object,
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in try await api.endSandbox(call) }),
        Operation(
            name: "deferredCall", method: .post, path: "/sandboxes/{run}/deferred", body: .object,
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in try api.deferredCall(call) }),
        Operation(
            name: "resumeSession", method: .post, path: "/sandboxes/{run}/resume", body: .object,
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in try api.resumeSession(call) }),
        // Runs on workers, because a run may have many connections and a permission waits for the disk.
        Operation(
            name: "sandboxConnection", method: .post, path: "/sandboxes/{run}/connections",
            body: .object, answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                try await api.sandboxConnection(call)
            }),
        // Served on the loop that reads the connections, so that a halt reaches a supervisor whatever else is asked.
        Operation(
            name: "followSandbox", method: .post, path: "/sandbox-runs/{run}/wait",
            body: .object, answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in try await api.followSandbox(call) }),
        Operation(
            name: "confirmSandboxKill", method: .post, path: "/sandbox-runs/{run}/killed",
            body: .record(
                "SandboxKill", .init("left", .whole(0...1_000_000), "Processes not ended.")),
            answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in try api.confirmSandboxKill(call) }),
    ]
}

extension SandboxStatus: ResponseRecord {
    private static let words = JSONSchemaType.list(.text(.plain(1...128)), count: 0...512)

    static let form = ResponseSchema<SandboxStatus>(
        "RunningSandbox",
        .init("run", .text(.id), "The run.") { $0.run.text },
        .init("agent", .text(.plain(1...256)), "Its agent.") { $0.agent.text },
        .maybe(
            "isolation", .choice(of: SandboxIsolation.self),
            "Absent if it began before this start."
        ) {
            $0.setup?.isolation?.rawValue
        },
        .maybe("layers", words, "The layers that are on.") { $0.setup?.layers },
        .maybe("degraded", words, "The limits that cannot be kept.") { $0.setup?.degraded },
        .init("permitted", .count, "Connections.") { $0.figures.permitted },
        .init("refused", .count, "Connections.") { $0.figures.refused },
        .init("sent", .count, "Bytes of ended connections.") { $0.figures.sent },
        .init("received", .count, "Bytes of ended connections.") { $0.figures.received },
        .maybe("written", .count, "Bytes of the workspace's layer.") { $0.figures.written },
        .init("stopping", .truth, "Whether a halt stops it.") { $0.isStopping })
}

extension OperationServices {
    fileprivate func beginSandbox(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.sandboxes)
        let request = try call.stated(SandboxRequest.init)
        do throws(SandboxRefusal) {
            let begun = try await service.begin(request)
            var answer: JSONObject = [
                "run": .string(begun.run.text), "attestation": .string(begun.attestation.base64),
            ]
            answer["token"] = begun.token.map(JSONValue.string)
            return .object(answer)
        } catch { throw Problem(error) }
    }

    fileprivate func endSandbox(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.sandboxes)
        let end = try call.stated(SandboxEnd.init)
        do throws(SandboxRefusal) { try await service.end(try call.sandboxedRun(), end) } catch {
            throw Problem(error)
        }
        return [:]
    }

    fileprivate func sandboxConnection(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.sandboxes)
        let message = try call.stated(EgressMessage.init)
        do throws(SandboxRefusal) {
            return try await service.connection(message, of: try call.sandboxedRun()).json
        } catch { throw Problem(error) }
    }

    /// The empty object if no call of the run is deferred.
    fileprivate func deferredCall(_ call: APIMutation) throws(Problem) -> JSONValue {
        let service = try part(sources.sandboxes)
        do throws(SandboxRefusal) {
            let known = call.body["approval"]?.string.flatMap { ApprovalID(shown: $0) }
            return try service.deferredCall(of: try call.sandboxedRun(), known: known)?.json ?? [:]
        } catch { throw Problem(error) }
    }

    fileprivate func resumeSession(_ call: APIMutation) throws(Problem) -> JSONValue {
        let service = try part(sources.sandboxes)
        do throws(SandboxRefusal) {
            let known = call.body["approval"]?.string.flatMap { ApprovalID(shown: $0) }
            guard let known else { throw .undecided }
            try service.resume(try call.sandboxedRun(), after: known)
        } catch { throw Problem(error) }
        return [:]
    }

    fileprivate func followSandbox(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.sandboxes)
        do throws(SandboxRefusal) {
            let halt = try await service.follow(
                try call.sandboxedRun(),
                written: call.body["written"]?.integer.flatMap { $0 < 0 ? nil : $0 })
            return ["halt": halt.map { .string($0.text) } ?? .null]
        } catch { throw Problem(error) }
    }

    fileprivate func confirmSandboxKill(_ call: APIMutation) throws(Problem) -> JSONValue {
        let service = try part(sources.sandboxes)
        let left = Int(call.body["left"]?.integer ?? 0)
        do throws(SandboxRefusal) {
            try service.confirm(try call.sandboxedRun(), left: left)
        } catch { throw Problem(error) }
        return [:]
    }
}

extension APIMutation {
    func sandboxedRun() throws(SandboxRefusal) -> RunID {
        guard let run = places["run"].flatMap({ RunID($0) }) else { throw .noSuchRun }
        return run
    }
}

extension Problem {
    init(_ refusal: SandboxRefusal) {
        let kind: ProblemKind =
            switch refusal {
            case .unknownAgent: .noSuchAgent
            case .noOwner, .overdue, .noPurpose, .notWidened, .belowMinimum, .productionSecret,
                .evals,
                .unknownTask:
                .notEligible
            case .halted: .otherState
            case .otherPolicy: .policyChanged
            case .tooMany: .tooMany
            case .notRecorded: .notRecorded
            case .notStored: .notKept
            case .noSuchRun, .noWorkspace: .noSuchRun
            case .notTainted: .noSuchName
            case .notOver, .undecided: .otherState
            case .unapproved: .notEligible
            }
        let help: String? =
            switch refusal {
            case .otherPolicy:
                "let the gateway load it (interlock status shows why it did not), or restore the files"
            case .unknownTask(let unknown): unknown.help
            case .evals(let agent, _):
                "interlock eval run \(agent) --sign KEY, then interlock eval gate --submit FILE"
            default: nil
            }
        self.init(kind, "\(refusal)", help: help)
    }
}
