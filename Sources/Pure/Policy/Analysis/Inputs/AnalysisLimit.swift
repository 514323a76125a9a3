/// Why a question about guards is left open. The answer is then "not comparable", which counts as
/// wider (specs of the policy, 8.1).
enum AnalysisLimit: Error, Hashable, Sendable {
    /// More than `Region.mostCubes`.
    case tooManyCubes
    /// Strings whose automata are too large together, or which are counted too far.
    case tooManyStates
    /// The guard says something that the analysis does not understand.
    case notDecidable
}
