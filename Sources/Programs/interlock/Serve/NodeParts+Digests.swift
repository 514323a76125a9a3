import InterlockCredentials
import InterlockModel

/// The keyed digests of a node, the same in each of its processes.
extension NodeParts {
    /// The digest of the features, hosts and recipients that agents use and name.
    var sightingDigest: @Sendable ([UInt8]) -> Digest { keys.keyedDigest("interlock/sighting/1") }

    /// The digest of values that were replaced in results.
    var redactionDigest: @Sendable ([UInt8]) -> Digest { keys.keyedDigest("interlock/redaction/1") }
}

extension NodeKeys {
    /// The digest by which the values of canaries are made.
    var plantedDigest: @Sendable ([UInt8]) -> Digest { keyedDigest("interlock/canary/1") }

    /// The code of the cache of collected runs.
    var collectedRunsCode: @Sendable ([UInt8]) -> Digest {
        keyedDigest("interlock/collected-runs/1")
    }

    /// - Parameter purpose: parts the digests of one value for different purposes.
    fileprivate func keyedDigest(_ purpose: String) -> @Sendable ([UInt8]) -> Digest {
        let key = hmacSHA256(key: pseudonym, Array(purpose.utf8))
        return { Digest(bytes: hmacSHA256(key: key, $0)) ?? OpenSSLHashing().sha256(key + $0) }
    }
}
