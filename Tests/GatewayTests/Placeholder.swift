// This file declares nothing.
