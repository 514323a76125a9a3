import InterlockPolicyCEL

/// A compiled guard. There is one for each text, which agents and tools share, because only checking
/// depends on a tool's schema.
package final class Guard: Sendable {
    /// The guard as written.
    package let text: String
    /// The program, or nil if the text does not compile. Each evaluation is then an error, which is how a
    /// guard refuses.
    private let program: CELProgram?
    /// True if the time of the call can matter.
    package let readsClock: Bool
    /// The text if it is about the arguments of the call alone and short enough for a sentence, otherwise nil.
    let callerText: String?

    private static let longestCallerText = 300

    init(
        _ text: String, program: CELProgram?, readsClock: Bool,
        readsArgumentsAlone: Bool = false
    ) {
        self.text = text
        self.program = program
        self.readsClock = readsClock
        callerText =
            readsArgumentsAlone && text.utf8.count <= Self.longestCallerText ? text : nil
    }

    /// - Parameter budget: the budget of the whole decision. Once it is exhausted, every guard is an error.
    func evaluate(_ input: borrowing GuardInput, budget: inout CELBudget) -> GuardResult {
        guard let program else { return .error(.noSuchOverload) }
        do throws(CELFault) {
            return try program.holds(input, budget: &budget) ? .true : .false
        } catch {
            return .error(error.kind)
        }
    }
}
