import Glibc
package import InterlockCommandLine
import InterlockJSON
package import InterlockModel

/// The person, and the key if it is not in ssh-agent, for whom commands sign where `--as` is not given.
///
/// It chooses a default, nothing else: the signature remains the identity.
package struct DefaultPerson: Hashable {
    package let person: Person
    package let key: String?

    package init(person: Person, key: String?) {
        self.person = person
        self.key = key
    }

    private static let largest = 64 << 10

    /// The file of the user, by the XDG Base Directory Specification.
    ///
    /// - Throws: exit 64 if neither `XDG_CONFIG_HOME` nor `HOME` names a folder.
    package static func path() throws(Failure) -> String {
        if let folder = environment("XDG_CONFIG_HOME"), folder.hasPrefix("/") {
            return folder + "/interlock/person.json"
        }
        guard let home = environment("HOME"), home.hasPrefix("/") else {
            throw Failure(.usage, "`HOME` names no folder, so there is no default person")
        }
        return home + "/.config/interlock/person.json"
    }

    /// Returns nil if there is none.
    ///
    /// - Throws: exit 65 for a file that is damaged, or that another user could have written.
    package static func read() throws(Failure) -> DefaultPerson? {
        guard let path = try? path() else { return nil }
        let bytes: [UInt8]
        do throws(FileFailure) { bytes = try File.readRegular(path, limit: largest) } catch {
            guard !error.isMissing else { return nil }
            throw Failure(.io, error.message)
        }
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_uid == geteuid(),
            status.st_mode & 0o022 == 0
        else {
            throw Failure(
                .data, "`\(path)` could have been written by another user",
                help: "remove it, then: interlock login EMAIL")
        }
        guard let object = (try? JSONValue(parsing: bytes, limits: .agent))?.object,
            object.members.allSatisfy({ ["person", "key"].contains($0.key) }),
            let person = object["person"]?.string.flatMap({ Person($0) }),
            object["key"] == nil || object["key"]?.string != nil
        else {
            throw Failure(
                .data, "`\(path)` is no default person", help: "interlock login EMAIL")
        }
        return DefaultPerson(person: person, key: object["key"]?.string)
    }

    package func write() throws(Failure) {
        let path = try Self.path()
        var object: JSONObject = ["person": .string(person.address)]
        object["key"] = key.map(JSONValue.string)
        let folder = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex))
        do throws(FileFailure) {
            if let parent = folder.lastIndex(of: "/") {
                try File.makeFolder(String(folder[..<parent]), mode: 0o700)
            }
            try File.makeFolder(folder, mode: 0o700)
            try File.write(JSONValue.object(object).serialized() + [UInt8(ascii: "\n")], to: path)
        } catch { throw Failure(.cannotCreate, error.message) }
    }

    /// Returns false if there was none.
    package static func forget() throws(Failure) -> Bool {
        let path = try path()
        if unsafe unlink(path) == 0 { return true }
        guard errno == ENOENT else {
            throw Failure(.io, FileFailure("remove", path).message)
        }
        return false
    }
}
