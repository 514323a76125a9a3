import InterlockPatterns
import InterlockPolicy
import InterlockZones

extension PolicyEngines {
    /// RE2, and the tz database of the machine, which is read once for all policies.
    static let system = PolicyEngines(patterns: RE2Compiler(), zones: SystemZones())
}
