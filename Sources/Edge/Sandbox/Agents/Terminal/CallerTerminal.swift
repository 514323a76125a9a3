import CSpawn
import Glibc

/// The terminal of this process's caller, by its standard input. Its mode is restored on every way out but SIGKILL.
package enum CallerTerminal {
    static let input: Int32 = 0

    /// The times that a process in the background is stopped until it does without a terminal.
    private static let mostStops = 3

    /// True if standard input is a terminal.
    package static var isInput: Bool { isatty(input) == 1 }

    /// Waits until this process may read its terminal: its shell stops it, as any process that reads in the background, and
    /// continues it in the foreground.
    ///
    /// - Returns: false if nothing stops it there, as in a group of processes that no shell controls.
    package static func waitForForeground() -> Bool {
        for _ in 0..<mostStops {
            if interlock_in_foreground(input) { return true }
            kill(0, SIGTTIN)
        }
        return interlock_in_foreground(input)
    }

    /// Passes on each byte as it is typed; does nothing in the background.
    static func setRaw() {
        guard interlock_in_foreground(input) else { return }
        _ = interlock_set_raw(input)
    }

    static func restore() { interlock_restore_mode() }
}
