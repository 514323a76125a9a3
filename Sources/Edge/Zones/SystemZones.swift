package import InterlockModel
import Synchronization

/// The tz database of the system: one TZif file per zone, read on first use.
package final class SystemZones: ZoneSource {
    /// The maximum number of zones in memory. The database has about 600 names; further zones are read on each use.
    private static let cacheLimit = 1024

    package let version: String
    private let folder: String
    private let known = Mutex<[String: ZoneRules]>([:])

    package init(folder: String = "/usr/share/zoneinfo") {
        self.folder = folder
        version = Self.version(in: folder)
    }

    package func zone(named name: String) -> ZoneRules? {
        guard Self.isName(name) else { return nil }
        if let rules = known.withLock({ $0[name] }) { return rules }
        guard let bytes = ZoneFile.read(folder + "/" + name, limit: TZif.limit),
            let rules = ZoneRules(tzif: bytes)
        else { return nil }
        known.withLock { if $0.count < Self.cacheLimit { $0[name] = rules } }
        return rules
    }

    /// The zones and links of `tzdata.zi` (lines `Z NAME ...` and `L TARGET NAME`), sorted; read on each use, because
    /// only findings about unknown zones need them.
    package var names: [String] {
        guard let bytes = ZoneFile.read(folder + "/tzdata.zi", limit: 1 << 20) else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let words = line.split(separator: UInt8(ascii: " "))
            let place =
                line.first == UInt8(ascii: "Z") ? 1 : line.first == UInt8(ascii: "L") ? 2 : nil
            guard let place, words.count > place else { return nil }
            return String(decoding: words[place], as: UTF8.self)
        }.sorted()
    }

    /// Returns true for one to three components of letters, digits, `_`, `+` and `-`: without a dot, a name cannot
    /// leave the folder. `localtime` is the setting of the machine, not a zone of the database.
    private static func isName(_ name: String) -> Bool {
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return name != "localtime" && (1...3).contains(parts.count)
            && parts.allSatisfy { part in
                (1...64).contains(part.count)
                    && part.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"),
                            UInt8(ascii: "A")...UInt8(ascii: "Z"),
                            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                            UInt8(ascii: "+"), UInt8(ascii: "-"):
                            true
                        default: false
                        }
                    }
            }
    }

    /// Returns the version from the first line of `tzdata.zi` (`# version 2026a`), otherwise from `+VERSION`, otherwise
    /// `unknown`.
    private static func version(in folder: String) -> String {
        let prefix = "# version "
        if let line = firstLine(folder + "/tzdata.zi"), line.hasPrefix(prefix) {
            return String(line.dropFirst(prefix.count))
        }
        return firstLine(folder + "/+VERSION") ?? "unknown"
    }

    /// - Returns: nil unless the first line has 1 to 64 printable ASCII characters.
    private static func firstLine(_ path: String) -> String? {
        guard let bytes = ZoneFile.read(path, limit: 1 << 20) else { return nil }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        guard (1...64).contains(line.count), line.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            return nil
        }
        return String(decoding: line, as: UTF8.self)
    }
}
