/// A compiled guard. One for each text: agents and tools share it, because only checking looks at a
/// tool's schema.
package final class Guard: Sendable {
    /// As written.
    package let text: String
    /// nil for a text that does not compile: then each evaluation is an error, which is how a guard
    /// refuses.
    private let program: CELProgram?
    /// Whether the time of the call can matter.
    package let readsClock: Bool
    /// Whether it asks if untrusted content was read.
    let readsTaint: Bool

    init(_ text: String, program: CELProgram?, readsClock: Bool, readsTaint: Bool) {
        self.text = text
        self.program = program
        self.readsClock = readsClock
        self.readsTaint = readsTaint
    }

    /// - Parameter budget: of the whole decision; once it has run out every guard is an error.
    func evaluate(_ input: borrowing GuardInput, budget: inout CELBudget) -> GuardResult {
        guard let program else { return .error(.noSuchOverload) }
        do throws(CELFault) {
            return try program.holds(input, budget: &budget) ? .true : .false
        } catch {
            return .error(error.kind)
        }
    }
}
