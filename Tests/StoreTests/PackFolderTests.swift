import InterlockModel
import Testing

@testable import InterlockStore

@Suite final class PackFolderTests {
    private let folder: String

    init() throws { folder = try makeFolder() }

    deinit { removeFolder(folder) }

    private func make(_ name: String, _ files: [String]) throws {
        try Folder.make("\(folder)/\(name)")
        for file in files {
            try Folder.replace("\(folder)/\(name)/\(file)", with: [1, 2, 3])
        }
    }

    private func date(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

    @Test func `packs of a day and of all before go, with their folders`() throws {
        for day in ["2026-08-20", "2026-08-21", "2026-08-22"] {
            try make(day, ["000001.pack", "000002.pack"])
        }
        try PackFolder(folder).remove(through: date("2026-08-21"))
        #expect(try Folder.names(folder) == ["2026-08-22"])
        #expect(try Folder.names(folder + "/2026-08-22").count == 2)
        try PackFolder(folder).remove(through: date("2026-08-21"))
    }

    @Test func `what is no pack of a day is left alone`() throws {
        try make("2026-08-20", ["000001.pack", "notes.txt"])
        try make("other", ["000001.pack"])
        try PackFolder(folder).remove(through: date("2026-08-21"))
        #expect(try Folder.names(folder + "/2026-08-20") == ["notes.txt"])
        #expect(try Folder.names(folder + "/other") == ["000001.pack"])
    }

    @Test func `without a folder there is nothing to delete`() throws {
        try PackFolder(folder + "/none").remove(through: date("2026-08-21"))
    }
}
