import CLinux
import Glibc

/// Input from the controlling terminal only. Any process that starts this one can fill standard input and the
/// environment; only the person at the terminal can fill `/dev/tty`.
package enum Terminal {
    private static let longestPassphrase = 1024

    /// Asks for a passphrase with the echo off. The terminal's settings are restored before return.
    ///
    /// - Throws: `terminal` if there is no controlling terminal, at end of input or on Ctrl-C.
    package static func readPassphrase(prompt: String) throws(KeyFailure) -> String {
        let tty = unsafe open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard tty >= 0 else {
            throw KeyFailure(
                .terminal, "there is no terminal to ask for the passphrase on",
                help: "keep the key in ssh-agent")
        }
        defer { close(tty) }
        var before = termios()
        guard unsafe tcgetattr(tty, &before) == 0 else {
            throw KeyFailure(.terminal, "the terminal cannot be set up")
        }
        // Signals are off too, so that Ctrl-C arrives as a byte and the echo is always switched on again.
        var quiet = before
        quiet.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        guard unsafe tcsetattr(tty, TCSAFLUSH, &quiet) == 0 else {
            throw KeyFailure(.terminal, "the echo cannot be switched off")
        }
        defer {
            _ = unsafe tcsetattr(tty, TCSAFLUSH, &before)
            say("\n", on: tty)
        }
        say(prompt, on: tty)
        return try line(from: tty)
    }

    private static func line(from tty: Int32) throws(KeyFailure) -> String {
        var typed: [UInt8] = []
        while true {
            var byte: UInt8 = 0
            let count = unsafe read(tty, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { throw KeyFailure(.terminal, "the terminal was closed") }
            switch byte {
            case 0x0a, 0x0d:
                guard let text = String(validating: typed, as: UTF8.self) else {
                    throw KeyFailure(.terminal, "what was typed is not UTF-8")
                }
                return text
            case 0x03, 0x04: throw KeyFailure(.terminal, "given up")
            case 0x08, 0x7f:
                // Removes one character, not one byte.
                while let last = typed.popLast(), last & 0xc0 == 0x80 {}
            case 0x15: typed.removeAll()
            default:
                guard typed.count < longestPassphrase else {
                    throw KeyFailure(.terminal, "the passphrase is too long")
                }
                typed.append(byte)
            }
        }
    }

    private static func say(_ text: String, on tty: Int32) {
        let bytes = Array(text.utf8)
        _ = unsafe write(tty, bytes, bytes.count)
    }
}
