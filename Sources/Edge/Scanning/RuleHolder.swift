import InterlockSafety
import Synchronization

/// The rules in force. A revision of the policy replaces them; a search that has begun ends with those it began with.
package final class RuleHolder: Sendable {
    private struct State {
        var rules: CompiledRules
        var revision: UInt64 = 0
    }

    /// Those of the program alone.
    package let program: CompiledRules
    private let state: Mutex<State>

    /// - Parameter rules: the rules in force; nil for those of the program.
    package init(_ program: CompiledRules, inForce rules: CompiledRules? = nil) {
        self.program = program
        state = Mutex(State(rules: rules ?? program))
    }

    package var rules: CompiledRules { state.withLock { $0.rules } }

    /// A number that grows with each replacement.
    var revision: UInt64 { state.withLock { $0.revision } }

    package func replace(by rules: CompiledRules) {
        state.withLock { state in
            guard state.rules.set.digest != rules.set.digest else { return }
            state.rules = rules
            state.revision += 1
        }
    }
}
