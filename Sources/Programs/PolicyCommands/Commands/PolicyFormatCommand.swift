import Glibc
package import InterlockCommandLine
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockYAML

extension Command {
    package static let policyFormat = Command(
        "policy fmt [FILE...]", "put policy files into one form that means the same",
        example: "interlock policy fmt --check policy",
        options: [
            .directory, .json,
            Option(
                "--policy PATH",
                "file or folder, where no FILE is named (default: \(PolicyInput.usualPath))"),
            Option("--check", "write nothing; exit 1 and name the files that have another form"),
        ],
        exits: [.no, .data, .notFound, .cannotCreate],
        notes: """
            FILE may be a folder of a policy. Lines end in LF, the last one too, and not in blanks; spaces indent; \
            empty lines are single. Texts of several lines and comments stay. A file is read before and after, and \
            is not written if its value would differ: exit 65.
            """
    ) { invocation in
        var paths = invocation.positional
        if paths.isEmpty { paths = [try PolicyInput.path(invocation, named: nil)] }
        var worst = Exit.ok
        var (count, differing) = (0, 0)
        for path in paths {
            for file in try files(of: path) {
                count += 1
                switch try formatted(file, invocation) {
                case .ok: break
                case .data: worst = .data
                default: differing += 1
                }
            }
        }
        let isCheck = invocation.has("check")
        if !invocation.isJSON {
            let done = isCheck ? "\(differing) have another form" : "\(differing) written"
            Output.line("\(count) files, \(done)")
        }
        return worst == .ok && isCheck && differing > 0 ? .no : worst
    }
}

/// One file of a policy, with the path where it is written.
private struct PolicyTextFile {
    let path: String
    let bytes: [UInt8]
    let mode: mode_t
}

/// - Throws: exit 66 if there is no such file, exit 65 for a folder that is no policy, and for a link.
private func files(of path: String) throws(Failure) -> [PolicyTextFile] {
    let reading: PolicyFolderReading
    do throws(PolicyFolderError) { reading = try PolicyFolder.read(path) } catch {
        throw Failure(.notFound, "\(error)", help: "name a file or folder of a policy")
    }
    guard reading.findings.isEmpty else { throw Failure(.data, findings: reading.findings) }
    var files: [PolicyTextFile] = []
    for file in reading.files {
        let place = file.role == .single ? path : path + "/" + file.path
        var status = stat()
        guard unsafe lstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(
                .data, "`\(place)` is no regular file", help: "name the file that a link leads to")
        }
        files.append(
            PolicyTextFile(path: place, bytes: file.bytes, mode: status.st_mode & 0o777))
    }
    return files
}

/// Says what differs in one file and, without `--check`, writes it.
///
/// - Returns: exit 1 if the file had another form, exit 65 if it is refused.
private func formatted(
    _ file: PolicyTextFile, _ invocation: Invocation
) throws(Failure) -> Exit {
    let name = TerminalEscaping.shown(file.path)
    let formed: FormattedPolicyFile
    do throws(PolicyFormatRefusal) {
        formed = try FormattedPolicyFile(file.bytes, file: file.path)
    } catch {
        if case .unreadable(let findings) = error {
            for finding in findings { Output.error(finding.text) }
        }
        Output.error("interlock: `\(name)` is not changed: \(error.message)")
        return .data
    }
    guard !formed.changes.isEmpty else { return .ok }
    let isWritten = !invocation.has("check")
    if isWritten {
        do throws(FileFailure) {
            try File.write(formed.bytes, to: file.path, mode: file.mode, isExact: true)
        } catch { throw Failure(.cannotCreate, error.message) }
    }
    invocation.print(
        [
            "file": .string(file.path), "changes": .strings(formed.changes.map(\.rawValue)),
            "written": .bool(isWritten),
        ],
        "\(name): \(formed.changes.map(\.words).joined(separator: ", "))")
    return .no
}
