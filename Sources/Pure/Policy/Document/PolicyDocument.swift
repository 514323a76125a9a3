package import InterlockModel

/// A policy as written: merged from its files, typed, its names resolved; every value knows its
/// place. Only a policy without E findings becomes one.
package struct PolicyDocument: Sendable {
    /// nil when a single agent stands alone.
    package let org: String?
    package let revision: String?
    /// The tree that the digest is made from.
    let root: TypedValue
    let owners: [Located<Person>]
    /// nil when the policy names no list.
    let people: Set<Person>?
    /// `org.yaml`'s own; agents may demand shorter intervals.
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
    /// Where the policy begins: `org.yaml`, or the single file.
    let start: PolicyLocation

    /// The interval within which the kill switch is rehearsed: the shortest that anyone states.
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

struct GroupSpec: Sendable {
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

struct WaiverSpec: Sendable {
    let lint: String
    let at: String
    let owner: Located<Person>
    let until: CivilDate
    let place: PolicyLocation
    let path: String

    /// `path` is what the waiver names, or below it.
    func covers(_ path: String) -> Bool {
        guard path.hasPrefix(at) else { return false }
        guard path.utf8.count > at.utf8.count else { return true }
        let next = path.utf8.dropFirst(at.utf8.count).first
        return next == UInt8(ascii: ".") || next == UInt8(ascii: "[")
    }
}
