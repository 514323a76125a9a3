import InterlockPatterns
import InterlockPolicy
import InterlockYAML
import InterlockZones

extension PolicyEngines {
    /// RE2, the machine's tz database, which is read once for all policies, and one thread per processor.
    static let system = PolicyEngines(
        patterns: RE2Compiler(), zones: SystemZones(), workers: OneThreadPerProcessor())
}
