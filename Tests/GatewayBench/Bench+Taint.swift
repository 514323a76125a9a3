import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockSafety
import InterlockTesting

@testable import InterlockGovernor

extension Bench {
    private static let clerk = NameAuthenticator.run(of: "clerk")

    /// A bench whose server answers each call with the same text.
    ///
    /// - Parameter request: the text with which the run of `clerk` was begun, or nil.
    static func reading(
        _ page: String, _ rules: [(String, String)], request: String?
    ) throws -> Bench {
        let bench = try Bench(policy: rules, stage: 3)
        bench.upstreams.answer { _ in .text(page) }
        if let request {
            bench.gateway.index(
                request: request,
                of: RunContext(run: clerk, agent: AgentName("clerk").unwrapped, subject: nil))
        }
        return bench
    }

    /// Notes that the run of `clerk` has read content of a server that is not internal.
    func taint() {
        gateway.runs.tainted.add(
            Self.clerk, UntrustedRead(call: gateway.newID(), at: clock.now.wall))
    }
    /// The worst label of a value in a call of a run; that of `clerk` unless another is named.
    func label(_ value: JSONValue, of run: RunID? = nil) -> ValueLabel? {
        gateway.runs.labelled.read(run ?? Self.clerk) {
            $0.labels(of: ["v": value], schema: nil, LabelConstants(egress: [])).worst
        }
    }
}
