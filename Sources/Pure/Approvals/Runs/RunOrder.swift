package import InterlockJSON
package import InterlockModel

/// A signed order to pause a run or to let it continue (docs/specs/limits-and-monitoring.md, section 8). Its RFC 8785
/// bytes are signed under the payload type `application/vnd.interlock.run+json`.
///
/// ```json
/// {"v":1,"type":"run","deed":"unpause","id":"01kag0...","org":"acme","run":"01kag0...",
///  "reason":"the loop was a missing page","author":"qAtv...","at":"2026-11-20T10:04:05.123456Z"}
/// ```
package typealias RunOrder = DatedOrder<RunContent>

package typealias AcceptedRunOrder = VerifiedOrder<RunOrder>

package struct RunContent: OrderContent {
    package typealias Refusal = RunRefusal
    package enum Action: String, Sendable, CaseIterable {
        case pause, unpause

        /// The roles of people who do not own the run's agent; one of them suffices.
        package var roles: Set<Role> { self == .pause ? [.kill, .resume] : [.resume] }
    }

    package let run: RunID
    package let action: Action

    package static let payloadType = PayloadType.run
    package static var stale: RunRefusal? { .staleOrder }
    package static var takesPasskeys: Bool { true }

    package init(run: RunID, action: Action) {
        self.run = run
        self.action = action
    }

    /// Requires `resume` of a person who does not own the run's agent; to pause, `kill` also suffices.
    package func missingRole(of person: TrustedPerson) -> Role? {
        person.roles.isDisjoint(with: action.roles) ? .resume : nil
    }

    package var members: JSONObject {
        ["deed": .string(action.rawValue), "run": .string(run.text)]
    }

    package static func members(of statement: JSONValue) -> [String] { ["deed", "run"] }

    package init(_ fields: StrictFields) throws(FormError) {
        run = try fields.made("run", "a run's id") { RunID($0) }
        action = try fields.made("deed", "`pause` or `unpause`") { Action(rawValue: $0) }
    }
}

extension RunOrder {
    package var run: RunID { content.run }
}

/// The reason why a run was not paused or does not continue.
package enum RunRefusal: SignedOrderRefusal, Hashable, Sendable, CustomStringConvertible {
    case order(OrderRefusal)
    /// The order was signed too long ago or in the future, or was taken before.
    case staleOrder
    case noSuchRun
    case alreadyPaused
    case notPaused
    case notRecorded(String)

    package init(_ refusal: OrderRefusal) { self = .order(refusal) }

    package var copy: PasskeyID? {
        if case .order(let refusal) = self { refusal.copy } else { nil }
    }

    package var description: String {
        switch self {
        case .order(let refusal): "\(refusal)"
        case .staleOrder: Self.staleWords
        case .noSuchRun: "no such run has called anything since the gateway started"
        case .alreadyPaused: "the run is paused already"
        case .notPaused: "the run is not paused"
        case .notRecorded(let code): "the log did not take it: \(code)"
        }
    }
}
