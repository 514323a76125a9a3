package import InterlockModel

/// The dependencies of a policy, because Pure has no matcher, reads no files and starts no threads.
package struct PolicyEngines: Sendable {
    let patterns: any PatternCompiler
    let zones: any ZoneSource
    let workers: any Workers

    package init(
        patterns: any PatternCompiler, zones: any ZoneSource, workers: any Workers = OneWorker()
    ) {
        self.patterns = patterns
        self.zones = zones
        self.workers = workers
    }
}
