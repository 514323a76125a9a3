import InterlockCommandLine
import InterlockHosts
import InterlockModel

/// Turns an entry of a host's file into the transport to the server: fills variables, finds the program and separates
/// secrets. Refuses an entry if it would have to guess.
struct EntryReading {
    /// The reason an entry is skipped, and advice.
    struct EntryError: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    let entry: HostEntry
    let source: HostSource
    let questions: Questions

    /// The transport to a server, and the remarks that a person must see before it is taken over.
    struct Reading {
        let way: PlannedServer.Transport
        var remarks: [String] = []
        /// The variables of this shell by their use, as in `PlannedServer`.
        var borrowed: [String: Set<String>] = [:]
    }

    func way() throws -> Reading {
        switch entry.definition {
        case .refused(let reason): throw EntryError(reason)
        case .remote(let remote): return try self.remote(remote)
        case .program(let program):
            var lookup = ProgramLookup(
                base: folder, home: environment("HOME"), path: environment("PATH") ?? "")
            let command = try open(program.command)
            var arguments: [String] = []
            for argument in program.arguments { arguments.append(try open(argument)) }
            if let place = SecretHeuristic.place(in: arguments) {
                throw EntryError(
                    "argument \(place) looks like a secret, and a command line is read by many: "
                        + "give it to the server by `env`")
            }
            var made = try lookup.program(command, arguments)
            if program.folder != nil {
                lookup.remarks.append("`cwd` is not kept: it starts in /")
            }
            var borrowed: [String: Set<String>] = [:]
            for setting in program.environment {
                borrowed[setting.name] = try take(setting, into: &made)
            }
            return Reading(way: .program(made), remarks: lookup.remarks, borrowed: borrowed)
        }
    }

    /// The folder of the project, or of the host's file.
    private var folder: String {
        let parent = source.path.split(separator: "/").dropLast().joined(separator: "/")
        return workspace ?? "/" + parent
    }

    // Programs.

    /// - Returns: the variables of this shell whose values are in the setting.
    private func take(
        _ setting: HostEntry.Setting, into program: inout PlannedServer.Program
    ) throws -> Set<String> {
        guard isVariableName(setting.name[...]), setting.name.utf8.count <= 64 else {
            throw EntryError("`\(setting.name)` is no name of a variable")
        }
        guard !SteeringVariable.isOne(setting.name) else {
            throw EntryError(
                "`\(setting.name)` steers what the program loads or runs, and its value would not be "
                    + "shown: leave it out, or set it in the policy, where it is read")
        }
        let (value, borrowed) = try secret(setting.value, of: setting.name)
        // A secret that the file assigns to a plainly named variable must not be written into the readable policy.
        let isPlain =
            SecretHeuristic.isPlain(setting.name) && value.utf8.count <= 256
            && !SecretHeuristic.isValueOfSecret(value)
            && !borrowed.contains(where: SecretHeuristic.isName)
        if value.isEmpty || isPlain {
            program.plain[setting.name] = value
        } else {
            program.secrets[setting.name] = value
        }
        return borrowed
    }

    // Servers over HTTP.

    private func remote(_ remote: HostEntry.Remote) throws -> Reading {
        let url = try open(remote.url)
        let isLocal = ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains { start in
            url.hasPrefix(start)
                && (url.dropFirst(start.count).first.map { ":/".contains($0) } ?? true)
        }
        guard url.hasPrefix("https://") || isLocal else {
            throw EntryError("its address is neither https nor on this machine")
        }
        guard !SecretHeuristic.hasUserInfo(url), !url.contains("?"), !url.contains("#") else {
            throw EntryError(
                "its address has a name, a query or a mark, which may be a secret: use a header")
        }
        guard remote.headers.count <= 1 else {
            throw EntryError(
                "it wants \(remote.headers.count) headers, and one is given for each agent")
        }
        guard let header = remote.headers.first else {
            return Reading(way: .remote(url: url, header: nil))
        }
        guard header.name.utf8.allSatisfy(Self.isHeaderByte), !header.name.isEmpty else {
            throw EntryError("`\(header.name)` is no name of a header")
        }
        let (value, borrowed) = try secret(header.value, of: header.name)
        guard !value.isEmpty else { throw EntryError("the header `\(header.name)` is empty") }
        return Reading(
            way: .remote(url: url, header: HostEntry.Setting(name: header.name, value: value)),
            borrowed: [header.name: borrowed])
    }

    private static func isHeaderByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
            || (0x61...0x7a).contains(byte) || byte == 0x2d || byte == 0x5f
    }

    // Variables.

    /// Fills variables in text that becomes part of the readable policy. Variables that may hold a secret are
    /// refused.
    private func open(_ text: String) throws -> String {
        do throws(UnknownVariable) {
            return try HostText(text).filled { variable in
                guard case .environment(let name, _) = variable else { return known(variable) }
                return isSecret(name) ? nil : known(variable)
            }
        } catch {
            throw EntryError(
                "it needs `\(error.variable.text)`, which is not known here or may be a secret: "
                    + "write the value, or give it by `env`")
        }
    }

    private var workspace: String? {
        let home = environment("HOME").flatMap(File.realPath)
        return entry.project ?? source.kind.projectFolder(of: source.path, home: home)
    }

    /// Fills variables in a value that is written to a file of its own, and asks the person for unknown ones.
    ///
    /// - Returns: the value, and the variables of this shell whose values are in it.
    private func secret(
        _ text: String, of name: String
    ) throws -> (value: String, borrowed: Set<String>) {
        let parts = HostText(text)
        let borrowed = try borrowed(by: parts, for: name)
        var typed: [HostVariable: String] = [:]
        for variable in Set(parts.variables) where known(variable) == nil {
            let question = "\(entry.name): \(name) needs \(variable.text):"
            guard let answer = try questions.secret(question), !answer.isEmpty else {
                throw EntryError("`\(name)` needs `\(variable.text)`, which is not known here")
            }
            typed[variable] = answer
        }
        let value: String
        do throws(UnknownVariable) { value = try parts.filled { known($0) ?? typed[$0] } } catch {
            throw EntryError("`\(name)` needs `\(error.variable.text)`, which is not known here")
        }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }), value.utf8.count <= 16 * 1024
        else { throw EntryError("the value of `\(name)` is not one line of text") }
        return (value, borrowed)
    }

    /// Returns the variables of this shell that `text` uses. A file could name any variable and send it anywhere. A
    /// person sees the names before the server is started; with `--yes` nothing is shown, so a secret may only go
    /// into the variable of its own name.
    private func borrowed(by text: HostText, for name: String) throws -> Set<String> {
        var names: Set<String> = []
        for case .environment(let variable, _) in text.variables {
            guard environment(variable) != nil else { continue }
            names.insert(variable)
            guard !questions.isAnsweredYes || !isSecret(variable) || variable == name else {
                throw EntryError(
                    "`\(name)` would be sent your `\(variable)`, and with --yes no person reviews that: "
                        + "take it over without --yes")
            }
        }
        return names
    }

    /// Returns true if a variable of this shell resembles a secret by its name or its value.
    private func isSecret(_ name: String) -> Bool {
        SecretHeuristic.isName(name)
            || environment(name).map { SecretHeuristic.isValueOfSecret($0) } ?? false
    }

    private func known(_ variable: HostVariable) -> String? {
        switch variable {
        case .workspaceFolder: workspace
        case .userHome: environment("HOME")
        case .environment(let name, let standIn): environment(name) ?? standIn
        case .input, .unknown: nil
        }
    }
}
