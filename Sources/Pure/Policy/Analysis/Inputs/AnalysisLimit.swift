/// The reason why a question about guards is left open. The result is then "not comparable", which counts
/// as wider (docs/specs/policy.md, section 8.1).
package enum AnalysisLimit: Error, Hashable, Sendable {
    /// A region needs more than `Region.mostCubes` cubes.
    case tooManyCubes
    /// The combined automata of strings are too large, or a length is counted too far.
    case tooManyStates
    /// The guard contains an expression that the analysis does not support.
    case notDecidable
}
