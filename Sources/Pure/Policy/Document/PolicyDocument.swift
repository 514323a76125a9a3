package import InterlockModel

/// A policy as written: merged from its files, typed, with its names resolved; every value has its
/// location. Only a policy without E findings becomes a document.
package struct PolicyDocument: Sendable {
    /// The organisation, or nil for a single agent.
    package let org: String?
    package let revision: String?
    /// The tree from which the digest is computed.
    package let root: TypedValue
    let owners: [Located<Person>]
    /// The people, or nil if the policy has no such list.
    let people: Set<Person>?
    /// The kill switch of `org.yaml`; agents may require shorter intervals.
    let killSwitch: Located<KillSwitch>?
    let elevationDefaults: ElevationDefaults
    let defaultEgress: [String]
    /// The same rules, and the properties that ask for a change or a waiver.
    let commonEgress: [EgressSpec]
    let egressWarnings: [Located<SandboxWarning>]
    package let controls: Controls
    package let groups: [String: GroupSpec]
    package let tiers: [Tier: TierRules]
    /// Sorted by name.
    package let servers: [ServerSpec]
    package let effectRules: [RuleSpec]
    package let forbids: [RuleSpec]
    /// Sorted by name.
    package internal(set) var agents: [AgentSpec]
    package let elevations: [ElevationSpec]
    package let waivers: [WaiverSpec]
    /// The limit of open changes written by agents, or nil if the policy states none.
    package let mergeLimit: MergeLimit?
    /// The keys whose signatures count under results of evals; none if the policy states none.
    package let eval: EvalSpec
    /// Sorted by name.
    package let tasks: [TaskSpec]
    package let safety: SafetySpec
    package let tests: [TestSpec]
    package let resolver: ToolResolver
    /// The location at which the policy begins: `org.yaml`, or the single file.
    package let start: PolicyLocation

    /// The interval within which the kill switch must be rehearsed: the shortest that the policy states, or
    /// nil if it states none.
    var drillEvery: Duration? {
        ([killSwitch?.value.drillEvery] + agents.map { $0.killSwitch?.value.drillEvery })
            .compactMap { $0 }.min()
    }
}

package struct KillSwitch: Sendable, Hashable {
    package let drillEvery: Duration
    package let lastDrill: CivilDate?
}

struct ElevationDefaults: Sendable {
    let max: Duration
    let approvers: Int
}

package struct GroupSpec: PolicyPart {
    package let name: String
    package let members: [Located<Person>]
    package let expires: Duration
    package let escalateAfter: Duration?
    package let escalateTo: Located<Person>?
    package let delegates: DelegateChoice
    package let denials: DenialDisclosure
    package let place: PolicyLocation
    let path: String
}

package struct TierRules: Sendable {
    package var classes: Set<ToolClass>
    package var calls: Rate
    package var require: Set<String>
    package var callsPlace: PolicyLocation?
    package var requirePlace: PolicyLocation?
}

package struct WaiverSpec: PolicyPart {
    package let lint: String
    package let at: String
    package let owner: Located<Person>
    package let until: CivilDate
    package let place: PolicyLocation
    let path: String

    /// Returns true if `path` is the location that the waiver names, or is below it.
    func covers(_ path: String) -> Bool {
        guard path.hasPrefix(at) else { return false }
        guard path.utf8.count > at.utf8.count else { return true }
        let next = path.utf8.dropFirst(at.utf8.count).first
        return next == UInt8(ascii: ".") || next == UInt8(ascii: "[")
    }
}
