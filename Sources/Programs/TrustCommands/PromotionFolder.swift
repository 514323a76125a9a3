import InterlockDeployment
package import InterlockPorts
import InterlockPromotions
import InterlockTrust

/// The files of proposals in one folder.
package struct PromotionFolder: PromotionFiles {
    private let files: StatementFolder

    package init(path: String) {
        files = StatementFolder(path: path, thread: "promotions", largest: TrustSnapshot.largest)
    }

    package func write(_ bytes: [UInt8], as name: String) async throws(StoreFailure) {
        try await files.write(bytes, as: name)
    }

    package func read(_ name: String) async throws(StoreFailure) -> [UInt8]? {
        try await files.read(name)
    }

    package func names() async throws(StoreFailure) -> [String] { try await files.names() }
}
