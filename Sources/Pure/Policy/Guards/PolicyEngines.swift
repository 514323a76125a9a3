package import InterlockModel

/// What guards and hours need from outside, since Pure has no matcher and reads no files.
package struct PolicyEngines: Sendable {
    let patterns: any PatternCompiler
    let zones: any ZoneSource

    package init(patterns: any PatternCompiler, zones: any ZoneSource) {
        self.patterns = patterns
        self.zones = zones
    }
}
