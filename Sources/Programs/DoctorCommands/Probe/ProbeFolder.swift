import Glibc
import InterlockCommandLine
import InterlockCredentials
import InterlockDoctor
import InterlockJSON

/// The temporary home and project of one session, which nothing of the user is in.
struct ProbeFolder {
    let script: ProbeScript
    /// The folder with all of it, which only this user can enter.
    private let base: String

    var home: String { base + "/home" }
    var project: String { "\(base)/\(ProbeScript.projectName)" }
    var temporary: String { base + "/tmp" }
    var hasMarker: Bool { File.exists(script.markerPath) }

    /// Makes the folders and files.
    ///
    /// - Parameter isRewritten: whether the user and the project have hostile settings.
    /// - Throws: a failure without a trace on disk.
    init(isRewritten: Bool) throws(Failure) {
        let made = try Scratch.make()
        do throws(Failure) {
            guard let base = File.realPath(made) else {
                throw Failure(.cannotCreate, "the folder `\(made)` is gone")
            }
            let entropy = SystemEntropy()
            guard
                let script = ProbeScript(
                    project: "\(base)/\(ProbeScript.projectName)", random: entropy.bytes)
            else {
                throw Failure(
                    .cannotCreate, "the folder for temporary files has a name that needs quoting",
                    help: "set TMPDIR to another folder")
            }
            self.base = base
            self.script = script
            do throws(FileFailure) { try fill(isRewritten: isRewritten) } catch {
                throw Failure(.cannotCreate, error.message)
            }
        } catch {
            Scratch.remove(made)
            throw error
        }
    }

    func remove() { Scratch.remove(base) }

    private func fill(isRewritten: Bool) throws(FileFailure) {
        for folder in [home, project, temporary] { try File.makeFolder(folder, mode: 0o700) }
        for (path, text) in script.files { try write(Array(text.utf8), path, below: project) }
        guard isRewritten else { return }
        for folder in [home, project] {
            try write(HostileSettings.value.serialized(), HostileSettings.path, below: folder)
        }
    }

    /// - Parameter path: of at most one folder and a name.
    private func write(
        _ bytes: [UInt8], _ path: String, below folder: String
    ) throws(FileFailure) {
        if let slash = path.lastIndex(of: "/") {
            try File.makeFolder("\(folder)/\(path[..<slash])", mode: 0o700)
        }
        try File.write(bytes, to: "\(folder)/\(path)")
    }
}
