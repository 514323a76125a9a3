import Glibc
import InterlockCommandLine
import InterlockTesting
import Testing

@testable import interlock

@Suite struct FileTests {
    @Test func `a file that may be no link is not read through one`() throws {
        try inFolder { folder in
            try File.write(Array("mine".utf8), to: "\(folder)/known")
            try #require(unsafe symlink("\(folder)/known", "\(folder)/link") == 0)
            #expect(try File.readRegular("\(folder)/link", limit: 9) == Array("mine".utf8))
            #expect(throws: FileFailure.self) {
                try File.readRegular("\(folder)/link", limit: 9, followsLink: false)
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0 || TestFiles.isCI, "needs root"))
    func `a new file of root gets the owner of the file that is named`() throws {
        try inFolder { folder in
            try File.write([], to: "\(folder)/known")
            try #require(unsafe chown("\(folder)/known", 65534, 65534) == 0)
            try File.write([], to: "\(folder)/new", ownedAs: "\(folder)/known")
            var status = stat()
            try #require(unsafe lstat("\(folder)/new", &status) == 0)
            #expect(status.st_uid == 65534)
            try File.write([], to: "\(folder)/own")
            try #require(unsafe lstat("\(folder)/own", &status) == 0)
            #expect(status.st_uid == 0)
        }
    }

    @Test(.enabled(if: geteuid() == 0 || TestFiles.isCI, "needs root"))
    func `a place that a group or another user could change is named`() throws {
        try inFolder { folder in
            #expect(try RootedPath.changeable(folder) == nil)
            #expect(try HostChanges.foreignPlace(in: folder) == nil)
            try File.makeFolder("\(folder)/state", mode: 0o700)
            #expect(try HostChanges.foreignPlace(in: folder) == nil)
            try #require(unsafe chown("\(folder)/state", 65534, 65534) == 0)
            #expect(try HostChanges.foreignPlace(in: folder) == "\(folder)/state")
            // The folder of a deployment, as `init --system` leaves it.
            try #require(unsafe chown(folder, 0, 65534) == 0)
            try #require(unsafe chmod(folder, 0o1770) == 0)
            #expect(try HostChanges.foreignPlace(in: folder) == folder)
        }
    }

    private func inFolder(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/interlock-file-XXXXXX".utf8CString)
        try #require(unsafe mkdtemp(&template) != nil)
        let folder = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { Scratch.remove(folder) }
        try body(folder)
    }
}
