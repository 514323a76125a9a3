package import InterlockModel

/// A policy as written: merged from its files, typed, with its names resolved; every value has its
/// location. Only a policy without E findings becomes a document.
package struct PolicyDocument: Sendable {
    /// The organisation, or nil for a single agent.
    package let org: String?
    package let revision: String?
    /// The tree from which the digest is computed.
    let root: TypedValue
    let owners: [Located<Person>]
    /// The people, or nil if the policy has no such list.
    let people: Set<Person>?
    /// The kill switch of `org.yaml`; agents may require shorter intervals.
    let killSwitch: Located<KillSwitch>?
    let elevationDefaults: ElevationDefaults
    let defaultEgress: [String]
    let controls: Controls
    let groups: [String: GroupSpec]
    let tiers: [Tier: TierRules]
    /// Sorted by name.
    let servers: [ServerSpec]
    let effectRules: [RuleSpec]
    let forbids: [RuleSpec]
    /// Sorted by name.
    let agents: [AgentSpec]
    let elevations: [ElevationSpec]
    let waivers: [WaiverSpec]
    let tests: [TestSpec]
    let resolver: ToolResolver
    /// The location at which the policy begins: `org.yaml`, or the single file.
    let start: PolicyLocation

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

struct GroupSpec: PolicyPart {
    let name: String
    let members: [Located<Person>]
    let expires: Duration
    let escalateAfter: Duration?
    let escalateTo: Located<Person>?
    let place: PolicyLocation
    let path: String
}

struct TierRules: Sendable {
    var classes: Set<ToolClass>
    var calls: Rate
    var require: Set<String>
    var callsPlace: PolicyLocation?
    var requirePlace: PolicyLocation?
}

struct WaiverSpec: PolicyPart {
    let lint: String
    let at: String
    let owner: Located<Person>
    let until: CivilDate
    let place: PolicyLocation
    let path: String

    /// Returns true if `path` is the location that the waiver names, or is below it.
    func covers(_ path: String) -> Bool {
        guard path.hasPrefix(at) else { return false }
        guard path.utf8.count > at.utf8.count else { return true }
        let next = path.utf8.dropFirst(at.utf8.count).first
        return next == UInt8(ascii: ".") || next == UInt8(ascii: "[")
    }
}
