/// A control of this version and the point that enforces it. Parts of a policy without a control are guidance.
package struct ControlPoint: Sendable, Hashable {
    package let control: String
    package let point: String

    package static let all = [
        ControlPoint(
            control: "scope, class, tier, forbid", point: "gateway: decide, on every call"),
        ControlPoint(
            control: "approval by people",
            point: "gateway: awaitApproval and recheck, by signed votes"),
        ControlPoint(
            control: "kill switch", point: "gateway: checkHalt, resolve, recheck, execute"),
        ControlPoint(control: "arguments fit the reviewed schema", point: "gateway: resolve"),
        ControlPoint(control: "credentials never reach the agent", point: "gateway: execute"),
        ControlPoint(
            control: "durable audit before the call and before the answer",
            point: "gateway: recordIntent, recordOutcome"),
        ControlPoint(
            control: "stdio servers reach no key, socket or state",
            point: "interlock-launch: namespaces"),
    ]
}

/// The text for an agent whose policy names no workload.
enum WorkloadBinding {
    static let weak =
        "weak: the policy names no workload, so a token is bound to its first kind of connection"
}
