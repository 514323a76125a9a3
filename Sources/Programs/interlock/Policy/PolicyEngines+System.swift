import InterlockPatterns
import InterlockPolicy
import InterlockYAML
import InterlockZones

extension PolicyEngines {
    /// RE2, the tz database of the machine, which is read once for all policies, and its processors.
    static let system = PolicyEngines(
        patterns: RE2Compiler(), zones: SystemZones(), workers: OneThreadPerProcessor())
}
