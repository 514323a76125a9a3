import InterlockAdministration
import InterlockAlerts
import InterlockChangeGate
import InterlockCommandLine
import InterlockEvidenceCommands
import InterlockEvidencePack
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockReadiness
import InterlockReviews
import InterlockSelfTest
import InterlockTrust
import InterlockTrustStages

extension NodeParts {
    func readiness(
        _ gateway: Gateway, _ evals: ChangeGateService, _ drills: DrillService,
        stages: TrustStageService, incidents: any IncidentReader, selfTests: SelfTestService
    ) -> ReadinessService {
        ReadinessService(
            gateway: gateway,
            sources: ReadinessSources(
                owner: {
                    ReadinessAnswer(
                        confirmed: stages.ownerConfirmed(of: $0), within: stages.longestConfirmed,
                        at: gateway.clock.wall)
                },
                eval: { ReadinessAnswer(gate: evals.status(of: $0)) },
                sandbox: {
                    ReadinessAnswer(
                        attested: gateway.attested.last(of: $0, under: gateway.policy.snapshot))
                },
                controls: { _ in
                    ReadinessAnswer(
                        controls: .shown(by: selfTests, at: gateway.clock.wall))
                },
                incidents: { await ReadinessAnswer(openIn: incidents, of: $0) },
                drill: { drills.status }, reviews: reviews, selfTests: selfTests))
    }
}

extension ControlFacts {
    /// The facts that the release and the newest self-test on record show.
    fileprivate static func shown(by selfTests: SelfTestService, at now: Timestamp) -> ControlFacts
    {
        let release: Result<ReleaseResults, EvidenceProblem>
        do throws(Failure) {
            release = ReleaseFile.read(for: try Build.digest()).map { $0.results }
        } catch { release = .failure(EvidenceProblem(error.message)) }
        let deployment = selfTests.last.map { last in
            DeploymentResults.known(report: last.report, at: last.time, leaf: last.leaf)
        }
        return ControlFacts(
            release: release,
            deployment: deployment ?? .failure(.noSelfTest), built: now)
    }
}

extension ReadinessAnswer {
    /// The answer to whether the owner confirmed to own the agent.
    fileprivate init(confirmed: Timestamp?, within longest: Duration, at now: Timestamp) {
        guard let confirmed else {
            self = .missing("the owner has not confirmed to own it")
            return
        }
        let day = confirmed.day.text
        let age = now - confirmed
        guard age >= .zero, age <= longest else {
            self = .missing(
                "the owner confirmed it on \(day), "
                    + "\(longest.components.seconds / 86_400) days ago at most are asked")
            return
        }
        self = .ok("confirmed on \(day)")
    }

    /// The answer to whether a run of the agent was inside its sandbox.
    fileprivate init(attested last: Timestamp?) {
        guard let last else {
            self = .unknown(
                "no run whose calls count as sandboxed is known since the gateway started")
            return
        }
        self = .ok("a run was attested at \(last.rfc3339(fractionDigits: 0))")
    }

    /// The answer to which incidents of severity 1 or 2 are open; one that is about no agent is about each.
    fileprivate init(openIn reader: any IncidentReader, of agent: AgentName?) async {
        let open: [Incident]
        do throws(StoreFailure) { open = try await reader.openIncidents() } catch {
            self = .unknown("the incidents cannot be read: \(error.reason)")
            return
        }
        let grave = open.filter { incident in
            incident.severity <= 2
                && (agent == nil || incident.agent == nil || incident.agent == agent)
        }
        guard !grave.isEmpty else {
            self = .ok("none of severity 1 or 2 is open")
            return
        }
        self = .missing("open: " + grave.prefix(5).map(\.id.text).joined(separator: ", "))
    }

    /// The answer of the change gate about one agent, as `ChangeGateService.status(of:)` has it.
    fileprivate init(gate: JSONValue) {
        guard let word = gate["gate"]?.string else {
            self = .unknown("the change gate does not know the agent")
            return
        }
        if gate["excepted"] == .bool(true) {
            self = .missing("served by an exception of two people")
        } else if word == "passed" {
            self = .ok("passed" + (gate["until"]?.string.map { ", counts until \($0)" } ?? ""))
        } else {
            self = .missing("eval-\(word)")
        }
    }
}
